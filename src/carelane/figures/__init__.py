"""Figures of each day: cases by state, how long decisions took, who decided what, money. And orders by state as they stand now.

The worker counts a day anew from the records whenever one of that day changed; pages and the API read the row of each day. Days are
those of UTC. Test cases and test money are in none of them.
"""
