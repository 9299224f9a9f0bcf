"""Calendar: appointments between a patient and a provider, as a scheduling service told us of them.

Written by later features; today they are read with their case.
"""
