"""Charges, payments, refunds and the ledger as CSV, by days: read page by page, so that a long one begins at once."""
