"""What is taken from patients' credits and put back. Never below zero: a patient's credits are locked in the order of their ids, and
what is left of them is read after that, in a statement of its own.
"""
