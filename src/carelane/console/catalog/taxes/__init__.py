"""Taxes in the console."""
