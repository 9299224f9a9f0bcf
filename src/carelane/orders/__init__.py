"""Orders: prescription orders on their way to a pharmacy and back with tracking.

Placed here (seed 001); sent and followed by the folders beside these files; read with their case.
"""
