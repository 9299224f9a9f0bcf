"""The states of a case and of the requests for its products, and which may follow which.

    OPEN → ASSIGNED → IN_PROGRESS → APPROVED | REJECTED | NO_DECISION       (ABANDONED → OPEN)
    PENDING → APPROVED → ORDERED → SHIPPED → DELIVERED      PENDING → REJECTED

The database holds the same lists as constraints. Closing is not a state: any case can be archived, and reopened.

A case with several products may be decided in several calls. It stays IN_PROGRESS while a request is PENDING that has
had no outcome since the clinician started the case; NO_DECISION is an outcome, and leaves the request PENDING.
"""

from collections.abc import Iterable
from typing import Literal

CaseStatus = Literal["OPEN", "ASSIGNED", "IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION", "ABANDONED"]
RequestStatus = Literal["PENDING", "APPROVED", "REJECTED", "ORDERED", "SHIPPED", "DELIVERED"]

DECIDED: frozenset[CaseStatus] = frozenset({"APPROVED", "REJECTED", "NO_DECISION"})

FOLLOWING: dict[CaseStatus, frozenset[CaseStatus]] = {
    "OPEN": frozenset({"ASSIGNED"}),
    # Back to OPEN when the case is taken from everybody, to ASSIGNED when it is given to somebody else.
    "ASSIGNED": frozenset({"OPEN", "ASSIGNED", "IN_PROGRESS"}),
    "IN_PROGRESS": frozenset({"OPEN", "ASSIGNED", "APPROVED", "REJECTED", "NO_DECISION"}),
    "APPROVED": frozenset(),
    "REJECTED": frozenset(),
    # Nobody said no: the same clinician, or another, may look again.
    "NO_DECISION": frozenset({"ASSIGNED", "IN_PROGRESS"}),
    "ABANDONED": frozenset({"OPEN"}),
}


def may_follow(before: CaseStatus, after: CaseStatus) -> bool:
    return after in FOLLOWING[before]


def status_after(requests: Iterable[tuple[RequestStatus, bool]]) -> CaseStatus:
    """The state of a started case with these requests; the second of each says that it was left without a decision.

    One approved request makes the case APPROVED, whatever became of the others; only if all were rejected is it REJECTED.
    """
    known = list(requests)
    if any(status == "PENDING" and not is_left for status, is_left in known):
        return "IN_PROGRESS"
    if all(status == "REJECTED" for status, _ in known):
        return "REJECTED"
    return "NO_DECISION" if all(status in {"PENDING", "REJECTED"} for status, _ in known) else "APPROVED"
