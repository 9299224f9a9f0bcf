"""Charges: what a patient owes, made of a cart or a quote exactly once. Its lines never change.

Paying one comes later; until then every charge is OUTSTANDING, and only conversion makes one.
"""
