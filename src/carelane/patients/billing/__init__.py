"""Patients as the billing dialect knows them: created, changed, searched, archived.

They are the patients of the care dialect: within an organization, one e-mail address is one patient, whichever dialect named it
first.
"""
