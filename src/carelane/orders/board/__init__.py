"""The board: orders by what happens to them next, how many, and what needs a person; and how the pharmacies answer.

Columns are read from their end: whoever waits longest comes first. Names and products are there for those who may read cases.
"""
