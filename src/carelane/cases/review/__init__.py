"""Review: what the clinic's people do with cases. Served to them alone, under /api/staff.

    queue → assign → start → (comment, ask, escalate) → decide        archive ⇄ reopen, from any state

Every act locks the case's row, checks what `states.py` allows, writes, and records its events, in one transaction: of two
who act at once one wins, and the other is told with a 409 how the case stands and who has it. Only the clinician who has a
case in hand decides on it. `queue/` lists cases, `decisions/` decides on products, `why.py` says what a case waits for.
"""
