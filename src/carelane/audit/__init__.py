"""The audit: who did what (events), and who saw what (recorded reads), as one list that can be searched and taken away.

Nothing is written here but that somebody looked. `disclosures/` is what of a patient was told to others, `readers/` who may see a
patient and by what right.
"""
