"""Templates: what is written to patients and decided again and again. Each is its member's own, or the clinic's.

A REPLY is a text; a DECISION has what the form of a decision has: an outcome, a text, medicines with their refills, how long it is
valid. Texts may hold variables such as `{firstName}`, which are filled in when the template is used on a case (`views.py`). A
template that nobody wants any more is archived.
"""
