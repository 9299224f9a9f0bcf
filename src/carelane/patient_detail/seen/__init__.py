"""Who saw a patient's record: the patient, the cases, money, appointments and documents, by whom, when and why.

Lists of many patients (the queue, tables, feeds) are on record as lists, and are not told of here.
"""
