"""A patient's account: what is owed, what was paid, and the credit."""
