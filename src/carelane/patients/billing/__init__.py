"""Patients as the billing dialect knows them: created, changed, searched, archived.

They are the patients of the care dialect: whoever has the same e-mail address in one organization is the same patient, whichever
dialect named it first.
"""
