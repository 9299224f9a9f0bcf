"""The inbox: what pharmacies tell us about orders.

A callback is authenticated, stored, and only then judged: what was answered with 200 is never lost, whatever dies. A message
that comes twice acts once. One that names an order nobody knows yet waits, and is matched when the order is known.
"""
