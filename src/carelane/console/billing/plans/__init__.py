"""A payment plan for a charge: what would be taken when, agreeing on it, and ending it."""
