"""Sending quotes by e-mail and SMS, at once or on a date: the rows of quote_messages are the queue, the worker empties it."""
