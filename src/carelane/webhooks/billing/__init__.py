"""Listeners: webhook endpoints that a storefront manages itself, with its key, in the billing dialect (`/webhook/decoda/*`).

A listener subscribes to alerts, the dialect's names of events (the database's alert_type says which of ours they are). It is
told `{id, type, data, createdDate, alertId}`, signed in `Decoda-Signature`; the sending, the retries and the switching off are
those of every endpoint. `/tenant/webhook-config` is one listener more, with an id of its own.

An alert to a listener is one delivery attempt to its storefront, however often it is sent: its repeats are replays of it.
"""
