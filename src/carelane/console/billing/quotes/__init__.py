"""Quotes: the list, one with what its patient answered, and sending it."""
