"""Charges beside the ledger, and the ledger beside the records that it is about."""
