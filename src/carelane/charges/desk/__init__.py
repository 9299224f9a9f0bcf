"""Charges as staff read them: in their own currency, and with what happened to each."""
