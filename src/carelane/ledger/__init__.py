"""The ledger: money that is owed and money that moved, as postings that balance by themselves.

A posting debits one account and credits another; nothing in it is ever changed, corrections reverse. It knows no charge and no
payment: what an act posts is built in `entries.py` and written in the act's own transaction, once: an act on a record that is
posted again posts nothing.
"""
