"""Sending a receipt by mail or text message: one message in the outbox, of the kind PAYMENT_RECEIPT, with the link to its page."""
