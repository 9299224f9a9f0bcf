"""Payments: what a case's storefront says was or will be paid, and later what a gateway confirms.

States: UNPAID → PAID → REFUND; UNPAID → CANCELED; PAID → IN_DISPUTE → LOST_DISPUTE; anything → ERROR. A case brings its
payment as a reference to the gateway (a setup intent, a payment intent or a token); no money moves yet.
"""
