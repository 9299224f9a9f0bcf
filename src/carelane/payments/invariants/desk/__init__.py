"""The checks of what was paid at desks, given back there, and stands in patients' credit."""
