"""Invoices of the whole clinic, and sending one again."""
