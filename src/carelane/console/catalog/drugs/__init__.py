"""Drugs in the console."""
