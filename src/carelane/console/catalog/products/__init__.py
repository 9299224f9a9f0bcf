"""Products in the console."""
