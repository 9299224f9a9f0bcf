"""The inbox: what pharmacies report about orders.

A callback is authenticated, stored, and only then judged: what was answered with 200 is never lost, whichever process dies. A
message that is repeated acts once. One that names an order we do not know yet waits, and is matched once the order is known.
"""
