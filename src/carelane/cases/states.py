"""The states of a case and the moves between them. Pure: the database holds the same list as a constraint."""

from typing import Literal

CaseStatus = Literal["OPEN", "ASSIGNED", "IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION", "ABANDONED"]

# A patient with a case in one of these waits for a clinician; another case would be a second wish for the same.
WAITING: frozenset[CaseStatus] = frozenset({"OPEN", "ASSIGNED", "IN_PROGRESS"})

MOVES: dict[CaseStatus, frozenset[CaseStatus]] = {
    "ABANDONED": frozenset({"OPEN"}),
    "OPEN": frozenset({"ASSIGNED"}),
    "ASSIGNED": frozenset({"OPEN", "IN_PROGRESS"}),
    "IN_PROGRESS": frozenset({"ASSIGNED", "APPROVED", "REJECTED", "NO_DECISION"}),
    "APPROVED": frozenset(),
    "REJECTED": frozenset(),
    "NO_DECISION": frozenset(),
}


def can_move(before: CaseStatus, after: CaseStatus) -> bool:
    return after in MOVES[before]
