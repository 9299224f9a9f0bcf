"""Whom an organization works with, in its file: pharmacies and their drugs, and the receivers of webhooks."""
