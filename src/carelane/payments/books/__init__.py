"""The ledger as staff read it: every posting with the record that it is about and who did that, and what the accounts came to."""
