"""Disputes, and what each can be answered with."""
