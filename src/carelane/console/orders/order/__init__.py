"""One order: where it is and why, what is in it, and what a person can do."""
