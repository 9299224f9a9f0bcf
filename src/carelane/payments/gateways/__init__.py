"""Gateways: who moves card money for an organization. One protocol (`protocol.py`), an adapter for each provider.

An adapter calls, and says what the gateway's objects look like now; what follows from that is decided in one place,
`payments/settling/`. It raises only what `errors.py` names.
"""
