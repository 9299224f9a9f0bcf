"""What the queue can be filtered for by name, and whom cases can be given to."""
