"""Carts: what a patient may buy, priced exactly (pricing.py), until it is converted into a charge.

    DRAFT ──→ ACCEPTED ──→ CONVERTED
      ├───────────────────────↑
      └──→ REJECTED, ABANDONED, EXPIRED

Every act locks the cart's row first, then those of its quotes. Conversion makes one charge, however many ask for it at once.
"""
