"""Webhooks: who is told what happened, and proof that they were.

An endpoint (URL, events, secret) gets one delivery for each event it wants, made by the dispatcher from the event's row. A
delivery is PENDING until the receiver answers 2xx (DELIVERED), retries ran out (FAILED) or its endpoint was switched off
(CANCELED). Each attempt is a row of its own. Staff with webhooks:manage may list, replay and try.
"""
