"""The profile of a patient in the care dialect: how to reach them, and in a few words how their health is.

The patient changes it in the portal (`portal/profile`), a storefront on their behalf (`patients/users`). Once a clinician has been
given a case of the patient, names, birth date and gender are what the case was judged by: they change no more. An edit and an
assignment wait for each other, so there is no moment between the two.

What is said of the health lies sealed in the chart, where the billing dialect reads it too: one text here is one entry there.
"""
