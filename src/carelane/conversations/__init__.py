"""Conversations: comments between patient and care team, and notes that only staff see.

Both are rows of `comments`; `is_restricted` makes one a note. The text is sealed. Staff write
them in `cases/review`, patients in `portal/messages`; they are read with their case.
"""
