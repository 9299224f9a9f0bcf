"""A list that is empty says why, what waits elsewhere, and where to go now."""
