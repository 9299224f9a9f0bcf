"""What was sold and what tax was raised on it, by day and place: from the ledger, so that what was voided or given back since is
taken off on the day on which that happened. Money of tests and of other currencies than the organization's is left out.
"""
