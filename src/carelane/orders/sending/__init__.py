"""The way of an order to its pharmacy and what the pharmacy tells of it: each prescription arrives, and arrives once.

`steps` says what comes next, `transmission` does it, `progress` takes in what pharmacies report, whoever heard it.
"""
