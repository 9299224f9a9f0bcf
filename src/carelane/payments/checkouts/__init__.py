"""Checkouts: pages of the gateway's on which a patient enters a card, to pay now or for a payment that is due.

An attempt of the kind CHECKOUT stands for one. It is committed before the gateway is asked, and at most one of a payment is alive:
whoever comes again, or in another tab, is led to the same page, until that has ended. What came of it is read from the gateway
(`apply_checkouts`), by whoever hears of it first: the patient who is back, the webhook, or the worker.
"""
