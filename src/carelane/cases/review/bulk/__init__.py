"""One act on many cases. First it may be tried (`dryRun`): that says which cases can be acted on, and of each other why not.

Rules are those of the single acts: all cases are locked, in the order of their ids, each is held against the act, and those that
can be acted on are, in one transaction; the others stay as they are, and are named.
"""
