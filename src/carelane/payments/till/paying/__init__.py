"""Paying a charge that is there, at the desk."""
