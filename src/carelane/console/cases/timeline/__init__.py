"""The timeline of a case in words."""
