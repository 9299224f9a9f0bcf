"""The catalogue: products a clinician can approve, and bundles of them as a storefront shows them.

Both are written by `carelane apply` and by the billing dialect, whose items and packages they are. Prices live as integer
cents; the care dialect shows them as decimal strings. A bundle names the intake form to answer before, and the follow-up form
to answer after.
"""
