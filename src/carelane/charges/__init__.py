"""Charges: what a patient owes, made from a cart or a quote exactly once. The lines of a charge never change.

There are no payments yet: every charge is OUTSTANDING, and only conversion makes one.
"""
