"""Files that staff add to a case, and a file of a case as staff open it."""
