"""Locations in the console."""
