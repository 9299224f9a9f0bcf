"""The gateway simulator: a payment gateway for tests, demos and integrators, as a real HTTP server (`carelane gateway-simulator`).

It speaks Stripe's own wire, so that the official client used against it cannot tell. Each secret key is an account of its own; a
key that begins with `sk_live_` is in live mode. It can be told, payment by payment or call by call, to behave badly: the table of
faults is `faults.py`, and `/` shows it.
"""
