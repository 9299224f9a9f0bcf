"""What of a case's payment is which fee: a list of the organization, copied into each payment as it comes in. Another list counts from then
on; payments that came before keep theirs.
"""
