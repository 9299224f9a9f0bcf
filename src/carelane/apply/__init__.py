"""The organization file, as `carelane apply` reads it: what may stand in it, the rules it must keep, and the rows that the
catalogue part of it becomes. Nothing is pruned: what the file does not name stays as it is, except that a bundle's list of
products is the whole list.
"""
