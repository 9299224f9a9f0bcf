"""/api/v1/users/me/cases: a patient reads what is written in their case, and writes back. Our own: the vendor's portal has none.

A patient reads the comments of their own cases, never a note. What they write is a comment of theirs: staff read it in the case,
webhooks tell of it as ADD_CASE_COMMENT, and whoever has the case gets a mail that says nothing about the patient. A case that
waited for the patient (`ask`) waits no longer. A closed case takes no message.
"""
