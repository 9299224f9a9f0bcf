"""Why a case is, or is not, in somebody's queue: all that keeps it out of a list, in words."""
