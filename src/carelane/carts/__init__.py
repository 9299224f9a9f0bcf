"""Carts: what a patient may buy, priced exactly, until it is converted into a charge.

    DRAFT ──→ ACCEPTED ──→ CONVERTED
      ├───────────────────────↑
      └──→ REJECTED, ABANDONED, EXPIRED

Every act locks the cart's row first, then those of its quotes. A quote is made from a cart and moves it; what a cart itself
must know of its quotes is in `offers`. Converting is in `carelane.quotes.convert`: an accepted cart is converted by converting
its quote.
"""
