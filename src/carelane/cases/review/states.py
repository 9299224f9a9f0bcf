"""Which acts are possible on a case, by its state. Every move here is one that `cases/states.py` allows."""

from typing import Literal

from carelane.cases.states import CaseStatus

Act = Literal["assign", "unassign", "start", "comment", "ask", "decide", "archive", "reopen", "escalate", "deescalate"]

_BY_STATUS: dict[CaseStatus, tuple[Act, ...]] = {
    # Starting an OPEN case assigns it on the way.
    "OPEN": ("assign", "start", "ask"),
    "ASSIGNED": ("assign", "unassign", "start", "ask"),
    "IN_PROGRESS": ("assign", "unassign", "ask", "decide"),
    "APPROVED": (),
    "REJECTED": (),
    "NO_DECISION": ("assign", "start", "ask"),
    "ABANDONED": (),
}


def possible_acts(status: CaseStatus, *, is_archived: bool, is_escalated: bool, is_held: bool = False) -> list[Act]:
    """What may be done with a case in this state. An archived case can only be reopened. `is_held`: it is decided, and its clinician
    can still undo that; until then nobody moves it."""
    if is_archived:
        return ["reopen"]
    moves = () if is_held else _BY_STATUS[status]
    ends = () if is_held else ("archive",)
    return [*moves, "comment", "deescalate" if is_escalated else "escalate", *ends]
