"""Tips of some days, one by one, with whose they are and what became of their charges. Tips that were taken back, those of voided charges
and test money are left out.
"""
