"""Review: what the clinic's people do with cases. Served to them alone, under /api/staff.

    queue → assign → start → (comment, ask, escalate) → decide        archive ⇄ reopen, from any state

Every act locks the case's row, checks what `states.py` allows, writes, and records its events, in one transaction: of two
people who act at once one wins, and the other is told with a 409 how the case stands and who has it. Only the clinician who
has a case in hand decides on it.

One call decides on one product or more, all or nothing (`decide.py`). APPROVED prescribes (`medInfo`), and needs the
prescriber's NPI and a license that is valid today in the patient's state; REJECTED ends the request; NO_DECISION leaves it as
it was. The case moves on once every product has an outcome (`cases/states.py`). Texts and prescriptions are sealed.
"""
