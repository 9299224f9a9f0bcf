"""Patients: the people cases are about, one row per e-mail address (in any case) and organization.

A patient is never made by itself here: a case brings the patient along, and brings the details up to date. Both dialects
speak of the same row. Contact details are in the clear, because staff search by them; health information is not here.
"""
