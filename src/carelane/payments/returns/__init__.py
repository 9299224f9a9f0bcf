"""/billing/payment/refund: giving a payment back, the way that it came, in cash or as credit.

A card's refund is granted, and sent by whoever may send too: the worker moves it (`payments/refunds/`, `payments/moving/`). Cash and
credit go back at once. What is left is read while the payment's row is locked, so that two at once never come to more.
"""
