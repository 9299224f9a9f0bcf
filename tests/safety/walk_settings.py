"""The tenant walk's part about the settings of a clinic: the organization itself, keys, members, the organization file."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

SETTINGS = "/api/staff/settings"


class Ask(NamedTuple):
    method: str
    url: str
    options: dict[str, Any]


def walk_settings(
    organization_id: UUID,
    key_id: str,
    staff_id: UUID | None,
    pharmacy_id: UUID,
    mark: str,
    administrator: dict[str, str],
) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's administrator may try on the victim's settings. Nothing of theirs is changed either: each body is
    refused, or names what is the victim's."""
    seen = {"headers": administrator}
    for path in ("organization", "changed-elsewhere", "roles", "credentials", "pharmacies", "gateway-accounts"):
        yield f"GET {SETTINGS}/{path}", Ask("GET", f"{SETTINGS}/{path}", seen)
    for secrets in ("variables", "none"):
        url = f"{SETTINGS}/organization-file"
        yield f"GET {url}", Ask("GET", url, seen | {"params": {"secrets": secrets}})
    for named in (f"id: {organization_id}, tenant: somebody", f"tenant: {mark}"):
        body = {"file": f"organization: {{{named}, name: A, casePrefix: ABC}}"}
        url = f"{SETTINGS}/organization-file/check"
        yield f"POST {url}", Ask("POST", url, seen | {"json": body})
    changed = {"name": "Another", "casePrefix": "OTH", "version": mark}
    yield f"PUT {SETTINGS}/organization", Ask("PUT", f"{SETTINGS}/organization", seen | {"json": changed})
    made = {"kind": "key", "name": "Walk", "scopes": ["no:such"]}
    yield f"POST {SETTINGS}/credentials", Ask("POST", f"{SETTINGS}/credentials", seen | {"json": made})
    one, named = f"{SETTINGS}/credentials/{key_id}", f"{SETTINGS}/credentials/{{credential_id}}"
    yield f"PUT {named}", Ask("PUT", one, seen | {"json": {"name": "A", "scopes": ["catalog:read"]}})
    for act in ("rotate", "revoke"):
        yield f"POST {named}/{act}", Ask("POST", f"{one}/{act}", seen)
    one, named = f"{SETTINGS}/members/{staff_id}", f"{SETTINGS}/members/{{member_id}}"
    yield f"GET {named}", Ask("GET", one, seen)
    member = {"firstName": "A", "lastName": "B", "role": "SUPPORT"}
    yield f"PUT {named}", Ask("PUT", one, seen | {"json": member})
    yield f"PUT {named}/email", Ask("PUT", f"{one}/email", seen | {"json": {"email": f"{mark}@walk.example"}})
    yield f"GET {named}/availability", Ask("GET", f"{one}/availability", seen)
    yield (
        f"PUT {named}/availability",
        Ask("PUT", f"{one}/availability", seen | {"json": {"timezone": "America/New_York"}}),
    )
    for act in ("deactivate", "reactivate"):
        yield f"POST {named}/{act}", Ask("POST", f"{one}/{act}", seen)
    one, named = f"{SETTINGS}/pharmacies/{pharmacy_id}", f"{SETTINGS}/pharmacies/{{pharmacy_id}}"
    pharmacy = {"code": "walk", "name": "Walk", "adapter": "simulator"}
    yield f"GET {named}", Ask("GET", one, seen)
    yield f"PUT {named}", Ask("PUT", one, seen | {"json": pharmacy})
    yield f"POST {named}/rotate", Ask("POST", f"{one}/rotate", seen)
    yield (
        f"POST {SETTINGS}/pharmacies",
        Ask("POST", f"{SETTINGS}/pharmacies", seen | {"json": pharmacy | {"url": "https://x.example"}}),
    )
    for mode in ("test", mark):
        url = f"{SETTINGS}/gateway-accounts"
        yield f"PUT {url}/{{mode}}", Ask("PUT", f"{url}/{mode}", seen | {"json": {"secretKey": "sk_live_wrong"}})
    url = f"{SETTINGS}/fees"
    yield f"GET {url}", Ask("GET", url, seen)
    yield f"PUT {url}", Ask("PUT", url, seen | {"json": {"fees": [], "version": mark}})
    url = f"{SETTINGS}/payment-terms"
    yield f"GET {url}", Ask("GET", url, seen)
    yield f"PUT {url}", Ask("PUT", url, seen | {"json": {"policy": "hold", "version": mark}})
