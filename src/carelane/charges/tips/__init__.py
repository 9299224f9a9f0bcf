"""Tips: what a patient gives a member of staff on top of a charge. A tip is owed with the charge, paid with it, given back with it,
and stands in the ledger as what the clinic owes the member. It can be lowered as long as it is outstanding.
"""
