"""The way to a payment's own page: a signed link, and the mail and text message that bring it.

A message is queued in the transaction in which a payment comes to need its patient. What it says is written as it leaves: by then
the payment may be made, and nothing is sent. Nothing about health stands in it.
"""
