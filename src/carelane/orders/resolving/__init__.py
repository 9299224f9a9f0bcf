"""Resolving: a person found out what became of an order that needs attention, and says it; or has dealt with one that came to nothing."""
