"""The tenant walk's part about cases, as staff act on them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

CASES = "/api/staff/cases"


def walk_staff_cases(
    case_id: UUID | None, staff_id: UUID | None, product_id: str, clinician: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: what the other clinic's staff may try on the victim's case."""
    seen = {"headers": clinician}
    everywhere = {"isArchived": "false", "limit": "200"}
    for query in ({}, {"assignedTo": str(staff_id)}, {"after": str(case_id)}, {"q": "WLK"}):
        yield f"GET {CASES}", ("GET", CASES, seen | {"params": everywhere | query})
    member = str(staff_id)
    decision = {"productId": product_id, "outcome": "REJECTED", "decisionText": "No"}
    bodies: dict[str, Any] = {
        "assign": {"staffId": member, "insteadOf": member},
        "unassign": None,
        "start": None,
        "comment": {"text": "Hello", "isRestricted": False},
        "ask": {"text": "Hello?"},
        "decide": {"decisions": [decision]},
        "escalate": {"text": "Look"},
        "deescalate": None,
        "archive": {"reason": "RESOLVED", "note": "Done"},
        "reopen": None,
    }
    for name, body in bodies.items():
        yield f"POST {CASES}/{{case_id}}/{name}", ("POST", f"{CASES}/{case_id}/{name}", seen | {"json": body})
    for end in ("", "/why"):
        yield f"GET {CASES}/{{case_id}}{end}", ("GET", f"{CASES}/{case_id}{end}", seen)
