"""What else is done with a case: given to somebody, taken back, marked for a second look, archived, opened again."""
