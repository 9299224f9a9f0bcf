"""The application in this process, over the database of a server: asked as its callers would, while what it sends is noted."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import msgspec
import psycopg
from psycopg.rows import TupleRow

from bench.growth.asking import Ask
from carelane.app import create_litestar, fill
from carelane.kit.auth import system_actor
from carelane.portal.sign_in.access import PatientToken, issue_access_token
from carelane.services import Services
from carelane.sessions.access import COOKIE, PersonKind
from carelane.sessions.actions import open_session
from carelane.web.edge import Edge

Values = Sequence[Any] | dict[str, Any] | None
# The first role that may.
_ROLES = ("ADMIN", "CASEWORKER", "CASEMANAGER")


class Sent(msgspec.Struct, frozen=True):
    """A statement as the code has it, and its values."""

    text: str
    values: Any


class Answer(msgspec.Struct, frozen=True):
    status: int
    milliseconds: float
    statements: list[Sent]
    text: str


class Inside:
    """Whoever is signed in, by door."""

    def __init__(self, client: httpx.AsyncClient, sent: list[Sent], headers: dict[str, list[dict[str, str]]]) -> None:
        self._client = client
        self.sent = sent
        self._headers = headers

    async def ask(self, ask: Ask) -> Answer:
        for headers in self._headers.get(ask.door or "", [{}]):
            self.sent.clear()
            began = time.perf_counter()
            answer = await self._client.get(ask.path, headers=headers)
            milliseconds = (time.perf_counter() - began) * 1_000
            if answer.status_code != 403:
                break
        return Answer(answer.status_code, milliseconds, list(self.sent), answer.text)


_A_RUN = timedelta(hours=12)


class Caller(msgspec.Struct, frozen=True):
    """An organization by its key, and a patient of it."""

    organization_id: UUID
    api_key: str
    tenant: str
    patient_id: UUID | None = None


@asynccontextmanager
async def inside(services: Services, caller: Caller) -> AsyncIterator[Inside]:
    """`services` must be open and not used by others meanwhile."""
    sent: list[Sent] = []

    class Cursor(psycopg.AsyncCursor[TupleRow]):
        async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            sent.append(Sent(query.decode() if isinstance(query, bytes) else str(query), params))
            return await super().execute(query, params, **options)

    plain = psycopg.AsyncCursor
    headers = await _headers(services, caller)
    app = create_litestar(services.settings, services)
    fill(app.state, services.settings, services)
    transport = httpx.ASGITransport(cast("Any", Edge(app)))
    # No pool of ours offers to hand out other cursors, and none should.
    services.db._pool.kwargs = {**cast("dict[str, Any]", services.db._pool.kwargs), "cursor_factory": Cursor}
    await services.db._pool.drain()
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://growth.test", timeout=120) as client:
            yield Inside(client, sent, headers)
    finally:
        services.db._pool.kwargs = {**cast("dict[str, Any]", services.db._pool.kwargs), "cursor_factory": plain}
        await services.db._pool.drain()


async def _headers(services: Services, caller: Caller) -> dict[str, list[dict[str, str]]]:
    members = [await _token(services, caller, "staff", member) for member in await _members(services, caller)]
    key = {"cv-api-key": caller.api_key}
    patient: list[dict[str, str]] = []
    if caller.patient_id is not None:
        session = await _token(services, caller, "patient", caller.patient_id)
        token = PatientToken(caller.organization_id, caller.patient_id, session[0])
        patient = [key | {"Authorization": f"Bearer {issue_access_token(services.token_key, token)}"}]
    return {
        "organizationKey": [key],
        "apiKey": [{"API-KEY": caller.api_key, "TENANT": caller.tenant}],
        "staffToken": [{"Authorization": f"Bearer {token}"} for _, token in members],
        "console": [{"Cookie": f"{COOKIE.name}={token}"} for _, token in members],
        "patientToken": patient,
    }


async def _members(services: Services, caller: Caller) -> list[UUID]:
    """One of each role."""
    async with services.db.reading(caller.organization_id) as conn:
        cursor = await conn.execute(
            "SELECT DISTINCT ON (s.role) s.role, s.id FROM staff s WHERE s.organization_id = %s ORDER BY s.role, s.created_at DESC, s.id",
            (caller.organization_id,),
        )
        found: dict[str, UUID] = dict(await cursor.fetchall())
    return [found[role] for role in _ROLES if role in found]


async def _token(services: Services, caller: Caller, kind: PersonKind, person_id: UUID) -> tuple[UUID, str]:
    async with services.db.transaction(system_actor(caller.organization_id)) as conn:
        session = await open_session(conn, caller.organization_id, kind, person_id, lifetime=_A_RUN, idle=_A_RUN)
    return session.id, session.token
