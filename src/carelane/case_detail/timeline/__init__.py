"""The events of a case as one line of time: who did what, with the names that belong to it."""
