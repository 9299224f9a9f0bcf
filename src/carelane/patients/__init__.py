"""Patients: the people cases are about.

An e-mail address is no person: a household may share one. Within an organization, whoever comes with a known e-mail address is
the patient who has it and whom nothing tells apart, neither the birth date nor the first name; else a patient of their own. A
case keeps whom it is about, as it was said with it; the patient's record says how to reach them now.

In the care dialect a case brings the patient along, and brings the details up to date; an abandoned cart only finds. The
billing dialect makes patients by themselves (`billing/`), even without an e-mail address. Both speak of the same row. Staff
merge two records of one person, and undo it (`merging/`). Contact details are in the clear, because staff search by them;
health information is sealed.
"""
