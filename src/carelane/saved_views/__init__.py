"""Saved views: a name for filters of the queue, of one member of staff or of the whole clinic, with how many cases are in it.

The query is that of the queue's address (`state=OR&assignedTo=none`), kept as it is spelled once it was read. `me` stays a word, so a
view of the clinic means whoever looks. A view says nothing of a patient: filters name states, products and members of staff.
"""
