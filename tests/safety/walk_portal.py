"""The tenant walk's part about users and the patient portal."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

USERS = "/api/v1/users"
AUTH = f"{USERS}/auth"
ME = f"{USERS}/me"
FILES = f"{ME}/files"


class Ask(NamedTuple):
    method: str
    url: str
    options: dict[str, Any]


def walk_portal(
    email: str, case_id: UUID, document_id: UUID, key: dict[str, str], patient: dict[str, str]
) -> Iterator[tuple[str, Ask]]:
    """What the other clinic, and a patient of it, may try on the victim's patient, case and document."""
    yield from _walk_users(email, {"headers": key})
    yield from _walk_own(case_id, {"headers": patient})
    yield from _walk_files(case_id, document_id, {"headers": patient})


def _walk_users(email: str, asked: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    said = {"email": email, "channel": "EMAIL", "code": "000000", "refresh_token": "cvr_of_nobody"}
    for end in ("send-otp", "verify-otp", "refresh-token", "logout"):
        yield f"POST {AUTH}/{end}", Ask("POST", f"{AUTH}/{end}", asked | {"json": said})
    yield "GET /api/v1/check-user", Ask("GET", "/api/v1/check-user", asked | {"params": {"email": email}})
    yield f"GET {USERS}", Ask("GET", USERS, asked | {"params": {"email": email[:4], "limit": 100}})
    for action, data in (
        ("UPDATE_PROFILE", {"email": email, "city": "Troy"}),
        ("UPDATE_EMAIL", {"currentEmail": email, "newEmail": "walker@x.example"}),
    ):
        yield f"POST {USERS}", Ask("POST", USERS, asked | {"json": {"action": action, "data": data}})


def _walk_own(case_id: UUID, asked: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    yield f"GET {ME}", Ask("GET", ME, asked)
    yield f"PATCH {ME}", Ask("PATCH", ME, asked | {"json": {"city": "Troy"}})
    path = f"{ME}/carried-answers"
    yield f"GET {path}", Ask("GET", path, asked | {"params": {"formId": str(case_id)}})
    yield f"GET {ME}/cases", Ask("GET", f"{ME}/cases", asked)
    path = f"{ME}/cases/{case_id}/messages"
    yield f"GET {ME}/cases/{{case_id}}/messages", Ask("GET", path, asked)
    yield f"POST {ME}/cases/{{case_id}}/messages", Ask("POST", path, asked | {"json": {"text": "Hello"}})


def _walk_files(case_id: UUID, document_id: UUID, asked: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    for query in ({}, {"caseId": str(case_id)}):
        yield f"GET {FILES}", Ask("GET", FILES, asked | {"params": query})
    file = {"name": "x.txt", "data": "aGVsbG8=", "mimeType": "text/plain", "caseId": str(case_id)}
    yield f"POST {FILES}/upload", Ask("POST", f"{FILES}/upload", asked | {"json": file})
    one = f"{FILES}/{document_id}"
    for end in ("metadata", "download"):
        yield f"GET {FILES}/{{file_id}}/{end}", Ask("GET", f"{one}/{end}", asked)
    rename = asked | {"json": {"fileName": "mine.txt"}}
    yield f"PATCH {FILES}/{{file_id}}/metadata", Ask("PATCH", f"{one}/metadata", rename)
    yield f"DELETE {FILES}/{{file_id}}", Ask("DELETE", one, asked)
