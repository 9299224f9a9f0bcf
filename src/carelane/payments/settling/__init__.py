"""What the gateway says, written down: one `settle()` for answers, webhooks, polls and look-ups, whatever their order and number.

It compares the gateway's object with what is recorded, posts the difference to the ledger, and moves intent, attempt, refund and
dispute forward, never back; `judging.py` then says from all that is recorded where the payment stands and what is next.
"""
