"""The decision beside the chart: one form for all products, filled in from templates, tried against the order, held back for a grace
of 30 seconds, undone; and what follows from it.
"""
