"""Charges that are sold and paid at the desk in one go: all of it happens, or nothing."""
