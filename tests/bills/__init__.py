"""Receipts, pages of bills, and invoices."""
