"""Captured = recorded, as far as payments, their intents, refunds, disputes and attempts say, each beside the ledger."""
