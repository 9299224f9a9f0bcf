"""Decisions that are held back: for a while their clinician can undo them, and nothing follows from them.

    PENDING ──due──> TAKEN | FAILED       PENDING ──undone──> UNDONE

What is wrong with a decision is said when it is sent. The row holds it, sealed, and says when it is due; while it is there nobody
moves the case. The worker claims it then and decides as that member, under the case's lock and with the same checks, in the
transaction that marks it TAKEN: it is taken once, and undone or taken, whenever a worker dies. What cannot be taken any more is
FAILED with its reason, and what was typed stays for whoever decides next.
"""
