"""Orders: prescription orders on their way to a pharmacy and back with tracking.

Placed, sent and tracked by later features; today they are read with their case.
"""
