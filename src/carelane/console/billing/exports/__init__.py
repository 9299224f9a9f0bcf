"""Charges, payments, refunds and the ledger as CSV, by days."""
