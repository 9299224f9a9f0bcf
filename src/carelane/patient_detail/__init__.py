"""A patient's whole record as staff see it: who it is, cases, money, documents, records that may be the same person's, and merges.

Who looked at the record is in `seen/`, all patients page by page in `listing/`. Looking is on record itself.
"""
