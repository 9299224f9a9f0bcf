"""The organization file, as `carelane apply` reads it: what may stand in it, the rules it must keep, and how what it says is
compared with what is there (`states.py`). What it changes, it changes by the records' own actions, as staff would.

Nothing is pruned: what the file does not name stays as it is, except that a bundle's list of products is the whole list. What
was last applied is remembered, so that what was changed elsewhere since is neither overwritten nor overlooked.
"""
