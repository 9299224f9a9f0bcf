"""Choosing a password: by an invitation, by a link that was asked for when one was forgotten, or when one is signed in.

Whoever asks for a link gets the same answer, after the same time, whether there is such an account or not.
"""
