"""Sending deliveries: what is due is claimed, sent outside any transaction, and what came of it is written down.

PENDING → DELIVERED   the receiver answered 2xx
   │ ↖ retry          anything else, until the waits are used up
   ├→ FAILED          they are; or the receiver answered 410, which also switches its endpoint off
   └→ CANCELED        its endpoint was switched off

What a dead worker had in flight is sent again by another: a receiver may get an event twice, under the same `webhook-id`, and
never not at all.
"""
