"""Quick notes: what the front desk writes down about a patient. Sealed, and each look at them is recorded.

there → archived
"""
