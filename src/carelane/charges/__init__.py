"""Charges: what a patient owes, made from a cart, a quote or a case's payment exactly once. The lines of a charge never change.

    OUTSTANDING → PAID | EXTERNAL_SETTLEMENT → REFUNDED | CHARGEBACK;  OUTSTANDING → VOID | WRITE_OFF

What is outstanding, and the status, follow from the ledger (`refresh.py`).
"""
