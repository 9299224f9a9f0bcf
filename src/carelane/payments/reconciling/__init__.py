"""The reconciler: finds what no webhook and no answer told us.

Every five minutes, payments that something is to be done about and nobody looks at. Every hour, what happened at the gateway since
the cursor, through the same inbox as webhooks. Every day, each line of the gateway's balance against the ledger; what does not
match is a finding, kept until it matches.
"""
