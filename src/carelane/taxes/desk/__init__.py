"""Taxes as administrators keep them: found, made, changed, archived."""
