"""Sending quotes by e-mail and SMS, at once or on a date: one message in the outbox for each time, of the kind QUOTE_LINK.

What it says is written as it leaves, because the quote, its patient and its end may change until then; what staff wrote to go
with the link lies in the message. The quote is SENT from the moment its message is handed over, not from when it was taken: the
page must be open before the patient can click.
"""
