"""Promo codes of an organization file."""
