"""Giving back by line: which lines of the charges that a payment paid go back, how many of each, and what they come to.

What a line comes to is its part of the charge's total, discounts and taxes included: all lines together are the total, to the cent, and
so are the pieces of a line. A piece goes back once, whichever payment it goes back of; a refund that came to nothing gives it free again.
The charges are locked, after the payment, before their lines are read.
"""
