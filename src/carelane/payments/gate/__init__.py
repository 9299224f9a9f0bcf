"""The gate before a shipment: whether a case's order may leave yet, as far as money goes, and in words what it waits for.

An organization demands the payment of what it ships as soon as it has a gateway, unless it says otherwise. Then an order of a case
waits while less was paid than the case promises to pay. What was paid elsewhere counts like what a gateway took; what went back or is in
dispute does not count. A case that promises nothing has nothing to wait for.
"""
