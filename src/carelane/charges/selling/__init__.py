"""Selling without a cart: charges of one body or of many, priced as carts are, written in one transaction.

`actions.sell` is the step that every way to sell shares; what follows it in the same transaction, such as a payment in cash, is its
caller's.
"""
