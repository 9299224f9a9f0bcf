"""Quotes: the content of a cart, offered to its patient, who accepts or declines it.

    DRAFT ──→ SENT ──→ VIEWED ──→ ACCEPTED ──→ CONVERTED
                          ├──→ DECLINED
                          └──→ EXPIRED

A sent quote locks the content of its cart, and the answer moves the cart. Every act locks the cart's row first, then the
quote's. Quotes build on carts, never the other way around, so converting carts is here too: an accepted cart is converted by
converting its quote.
"""
