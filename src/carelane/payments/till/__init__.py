"""Paying at the desk: in cash, by whatever else was settled outside, and from credit. A payment is written as one that was made, with
what of it is for which charge; what is more than they owe becomes the patient's credit, where the caller says so.

Locked in this order: a charge's payments through gateways, the charges by their ids, the patient's credits by theirs.
"""
