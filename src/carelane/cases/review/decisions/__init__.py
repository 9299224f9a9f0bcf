"""Decisions: what a clinician says on each product of a case, with what is prescribed.

One call decides on one product or more, all or nothing. APPROVED prescribes (`medInfo`), and needs the prescriber's NPI and a
licence that is good today in the patient's state; REJECTED ends the request; NO_DECISION leaves it as it was. The case moves
on once every product has been spoken of (`cases/states.py`). Texts and prescriptions are sealed.
"""
