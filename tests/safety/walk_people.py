"""The tenant walk's part about staff: signing in, members, sessions, merging patients."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

SESSIONS = "/api/staff/sessions"
MEMBERS = "/api/staff/members"
PATIENTS = "/api/staff/patients"
INVITATIONS = "/api/staff/invitations"
MERGES = "/api/staff/patient-merges"


class Merged(NamedTuple):
    """Two records that were merged, and the merge."""

    kept: str
    other: str
    merge: str


class Ask(NamedTuple):
    method: str
    url: str
    options: dict[str, Any]


async def merge_two(client: Any, name: str, billing: dict[str, str], administrator: dict[str, str]) -> Merged:
    """Two new records of one clinic's."""
    ids = []
    for _ in range(2):
        made = await client.post("/user/patient/create", json={"firstName": name}, headers=billing)
        ids.append(made.json()["id"])
    url = f"{PATIENTS}/{ids[0]}/merge"
    merge = await client.post(url, json={"otherId": ids[1]}, headers=administrator)
    assert merge.status_code == 200, merge.text
    return Merged(ids[0], ids[1], merge.json()["id"])


def walk_people(
    tenant: str,
    staff_id: UUID | None,
    merged: Merged,
    administrator: dict[str, str],
    leaving: dict[str, str],
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
    patients, body = f"{PATIENTS}/{merged.kept}", {"otherId": merged.other}
    yield f"POST {PATIENTS}/{{patient_id}}/merge", Ask("POST", f"{patients}/merge", seen | {"json": body})
    yield f"GET {PATIENTS}/{{patient_id}}/merges", Ask("GET", f"{patients}/merges", seen)
    yield f"POST {MERGES}/{{merge_id}}/undo", Ask("POST", f"{MERGES}/{merged.merge}/undo", seen)
    yield f"DELETE {MEMBERS}/{{member_id}}/second-factor", Ask("DELETE", f"{MEMBERS}/{staff_id}/second-factor", seen)
    yield "GET /api/staff/me/sessions", Ask("GET", "/api/staff/me/sessions", seen)
    yield "DELETE /api/staff/me/sessions/{session_id}", Ask("DELETE", f"/api/staff/me/sessions/{staff_id}", seen)
    own = {"currentPassword": "a password that is wrong", "newPassword": "another password"}
    yield "PUT /api/staff/me/password", Ask("PUT", "/api/staff/me/password", seen | {"json": own})
    yield f"GET {INVITATIONS}", Ask("GET", INVITATIONS, seen)
    invited = {"email": f"{tenant}@staff.example", "firstName": "A", "lastName": "B", "role": "SUPPORT"}
    yield f"POST {INVITATIONS}", Ask("POST", INVITATIONS, seen | {"json": invited})
    yield f"DELETE {INVITATIONS}/{{invitation_id}}", Ask("DELETE", f"{INVITATIONS}/{staff_id}", seen)
    yield f"DELETE {SESSIONS}/current", Ask("DELETE", f"{SESSIONS}/current", {"headers": leaving})
