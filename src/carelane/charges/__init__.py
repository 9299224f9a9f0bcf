"""Charges: what a patient owes, made from a cart, a quote or a case's payment exactly once, or sold without any of these. The
lines of a charge never change.

    OUTSTANDING → PAID | EXTERNAL_SETTLEMENT → REFUNDED | CHARGEBACK;  OUTSTANDING → VOID | WRITE_OFF

Archived is not a state: an archived charge is void, and no longer found. What is outstanding, and the status, follow from the ledger (`refresh.py`).
"""
