"""Forms in the console: an editor of all questions at once, a preview, versions held against each other."""
