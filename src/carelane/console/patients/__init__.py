"""Patients: the list, one with everything that is known and who saw it, making one of two records and undoing that."""
