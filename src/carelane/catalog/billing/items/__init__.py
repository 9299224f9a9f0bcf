"""Items of the billing dialect: the products of the catalogue, with what billing wants to know of them.

An archived item is a product that is not active: neither dialect sells it any more, and both still show what was sold.
"""
