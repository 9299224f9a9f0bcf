"""Choosing a password before one is signed in: by an invitation, or by the link that is sent when one was forgotten."""
