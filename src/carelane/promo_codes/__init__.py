"""Promo codes: what one takes off, from when to when, for which bundles, how often.

    good ──→ used by a case ──→ given back when the case ends without a sale

A case that names a code takes one use of it in its own transaction, so a code is never used more often than it may be, however
many cases come at once. A code that is no record is kept with the case as text, as it came.
"""
