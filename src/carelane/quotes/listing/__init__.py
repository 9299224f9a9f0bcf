"""The list of quotes: filtered, newest first, a page at a time."""
