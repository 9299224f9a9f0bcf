"""Webhooks: telling receivers what happened, and proof that they were told.

An endpoint (URL, events, secret) gets one delivery for each event it wants, made by the dispatcher from the event's row. A
delivery is PENDING until the receiver answers 2xx (DELIVERED), its retries run out (FAILED) or its endpoint is switched off
(CANCELED). Each attempt is a row of its own. Staff with webhooks:manage may list, replay and test.
"""
