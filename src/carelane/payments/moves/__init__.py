"""What staff say otherwise of a payment afterwards: that it was not made, whose it is, where it was made, how it came.

What stands in the books is moved by postings of its own, or stays where it was posted, as after a merge of patients: a charge's
receivable, and the tax that a location raised.
"""
