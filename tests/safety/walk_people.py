"""The tenant walk's part about staff: signing in, members, sessions."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

SESSIONS = "/api/staff/sessions"
MEMBERS = "/api/staff/members"


class Ask(NamedTuple):
    method: str
    url: str
    options: dict[str, Any]


def walk_people(
    tenant: str, staff_id: UUID | None, administrator: dict[str, str], leaving: dict[str, str]
) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's administrator may try on the victim's members; `leaving` is a session that is signed out."""
    seen = {"headers": administrator}
    # The tenant in the body is no secret; whoever knows it gets nowhere without a password.
    body = {"tenant": tenant, "email": f"{tenant}@staff.example", "password": "a password that is wrong"}
    yield f"POST {SESSIONS}", Ask("POST", SESSIONS, seen | {"json": body})
    yield "GET /api/staff/me", Ask("GET", "/api/staff/me", seen)
    yield f"GET {MEMBERS}", Ask("GET", MEMBERS, seen)
    for method, act in (("POST", "unlock"), ("DELETE", "sessions")):
        yield f"{method} {MEMBERS}/{{member_id}}/{act}", Ask(method, f"{MEMBERS}/{staff_id}/{act}", seen)
    yield f"DELETE {SESSIONS}/current", Ask("DELETE", f"{SESSIONS}/current", {"headers": leaving})
