"""Accepting a quote and paying for it at once: the answer, its charge and the payment are one transaction; then the patient is led
to the gateway. Whoever leaves there without paying has accepted all the same, and can pay later, on the same page.
"""
