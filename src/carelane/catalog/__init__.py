"""The catalogue: products a clinician can approve, and bundles of them as a storefront shows them.

Both are written by `carelane apply`. Prices live as integer cents and leave as decimal strings. A bundle names the intake
form to answer before, and the follow-up form to answer after.
"""
