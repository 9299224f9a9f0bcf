"""Payments: what a case's storefront says was or will be paid, and later what a gateway confirms.

States: UNPAID → PAID → REFUND; UNPAID → CANCELED; PAID → IN_DISPUTE → LOST_DISPUTE; anything → ERROR. A case brings its
payment along as a reference to the gateway (a set-up intent, a payment intent or a token); money moves in later issues.
"""
