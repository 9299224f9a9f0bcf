"""Patients as the billing dialect knows them: created, changed, searched, archived.

They are the patients of the care dialect, whichever dialect named one first. Making one who is known adds what was not known;
names, gender and birth date are changed by an update only.
"""
