"""What staff see of payments, and what they do about one that does not go on: have it tried again, or say how it ended.

No act here moves money: the worker does what the payment then wants. Refunds are in `refunds/`.
"""
