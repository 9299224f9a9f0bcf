"""The organization file as a whole, and of it the organization itself with its keys and clients."""
