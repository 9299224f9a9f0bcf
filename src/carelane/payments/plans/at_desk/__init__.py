"""The two steps of a card payment at the desk, from where a plan can be agreed on: its first payment is made while somebody waits.

`payments/terminal/` does both, and knows nothing of plans but what was said. A card that says no at the desk leaves no plan behind.
"""
