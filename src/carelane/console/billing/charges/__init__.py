"""Charges: the list, and one with what can be done about it."""
