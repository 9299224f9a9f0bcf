"""Locations and taxes of an organization file."""
