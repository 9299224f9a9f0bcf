"""The tenant walk's part about cases: whose they are, and what the other clinic's staff may try on them."""

from collections.abc import Iterator
from typing import Any

from tests.safety.walk.victim import Ask, Victim

CASES = "/api/staff/cases"


def walk_staff_cases(victim: Victim, clinician: dict[str, str]) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's staff may try on the victim's case."""
    seen = {"headers": clinician}
    everywhere = {"isArchived": "false", "limit": "200"}
    for query in ({}, {"assignedTo": str(victim.staff_id)}, {"after": str(victim.case_id)}, {"q": "WLK"}):
        yield f"GET {CASES}", Ask("GET", CASES, seen | {"params": everywhere | query})
    staff_id = str(victim.staff_id)
    decision = {"productId": victim.product_id, "outcome": "REJECTED", "decisionText": "No"}
    bodies: dict[str, Any] = {
        "assign": {"staffId": staff_id, "insteadOf": staff_id},
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
        yield f"POST {CASES}/{{case_id}}/{name}", Ask("POST", f"{CASES}/{victim.case_id}/{name}", seen | {"json": body})
    for end in ("", "/why"):
        yield f"GET {CASES}/{{case_id}}{end}", Ask("GET", f"{CASES}/{victim.case_id}{end}", seen)
