"""Records that may be of one person: found by what identifies people, and made one by the merge (`merging/`)."""
