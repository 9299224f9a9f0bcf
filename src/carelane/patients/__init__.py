"""Patients: the people cases are about, one row per e-mail address (in any case) and organization.

In the care dialect a case brings the patient along, and brings the details up to date; the billing dialect makes patients by
themselves (`billing/`), even without an e-mail address. Both speak of the same row. Contact details are in the clear, because
staff search by them; health information is sealed.
"""
