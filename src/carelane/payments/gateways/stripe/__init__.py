"""Stripe, through its own client for Python, over our own outgoing HTTP.

`adapter.py` is the gateway; `calls.py` alone imports the client, when the first call is made: it takes 12 MiB and a third of a
second that no process needs before (docs/design/decisions.md). `wire.py` says which parts of Stripe's objects are read, `reading.py` what
they come to in the protocol's words, `amounts.py` in which unit Stripe counts, `webhooks.py` who signed an event.
"""
