"""The database stops taking writes, or ends its sessions, while many callers ask: nobody sees anything but 200 and 503."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from tests.cast import Clinic
from tests.database.switch import end_sessions, read_only, read_only_sessions
from tests.factories.carts import CART
from tests.factories.cases import case_body
from tests.processes.waiting import until

CALLERS = 12
SWITCHES = 3
SECONDS = 0.7
RECOVERY_SECONDS = 10.0
# So many that every connection has had its turn.
GOOD_IN_A_ROW = 50
PATIENCE_SECONDS = 40.0
BUNDLES = "/api/v1/organization/bundles"

_CASES = """
SELECT p.email, count(DISTINCT c.id), count(e.id) FILTER (WHERE e.type = 'CREATE_CASE') FROM patients p
LEFT JOIN cases c ON c.patient_id = p.id LEFT JOIN events e ON e.case_id = c.id
WHERE p.organization_id = %s AND p.email LIKE 'load-%%' GROUP BY p.email
"""
_NOT_DISPATCHED = "SELECT count(*) FROM events WHERE organization_id = %s AND dispatched_at IS NULL"
_CARTS = "SELECT count(*) FROM carts WHERE organization_id = %s"


@contextmanager
def sessions_ended(database: EmbeddedPostgres):
    end_sessions(database)
    yield


class Callers:
    """They create cases and carts, and read, one request after the other each, until told to stop."""

    def __init__(self, client: httpx.AsyncClient, clinic: Clinic) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.emails: dict[str, int] = {}
        self._client, self._clinic = client, clinic
        self._stopped = False
        self._good_in_a_row = 0
        self._good_again = asyncio.Event()

    async def __aenter__(self) -> "Callers":
        self._tasks = [asyncio.create_task(self._call(kind)) for _ in range(CALLERS // 3) for kind in self._kinds()]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped = True
        await asyncio.gather(*self._tasks)

    async def wait_until_good(self) -> None:
        self._good_in_a_row = 0
        self._good_again.clear()
        await asyncio.wait_for(self._good_again.wait(), RECOVERY_SECONDS)

    def _kinds(self) -> list[Callable]:
        return [self._create_case, self._create_cart, self._read]

    async def _call(self, kind: Callable) -> None:
        while not self._stopped:
            answer = await kind()
            self.answers[kind.__name__, answer.status_code] += 1
            self._good_in_a_row = self._good_in_a_row + 1 if answer.status_code == 200 else 0
            if self._good_in_a_row >= GOOD_IN_A_ROW:
                self._good_again.set()
            if answer.status_code == 503:
                assert answer.headers["retry-after"] == "2"

    async def _create_case(self) -> httpx.Response:
        email = f"load-{uuid4().hex}@patient.example"
        body = case_body(self._clinic.product_id, email=email)
        answer = await self._client.post("/api/v1/cases", json=body, headers=self._clinic.key)
        self.emails[email] = answer.status_code
        return answer

    async def _create_cart(self) -> httpx.Response:
        body = {"patientId": self._clinic.patient_id, "creatorId": self._clinic.creator_id, "items": []}
        return await self._client.post(CART, json=body, headers=self._clinic.billing)

    async def _read(self) -> httpx.Response:
        return await self._client.get(BUNDLES, headers=self._clinic.key)


@pytest.mark.parametrize("trouble", [read_only, read_only_sessions, sessions_ended])
async def test_only_200_and_503_are_seen_and_it_goes_on_by_itself(client, database, clinic, trouble):
    organization_id = UUID(clinic.organization_id)
    carts_before = ask(database, _CARTS, organization_id)[0][0]
    async with Callers(client, clinic) as callers:
        for _ in range(SWITCHES):
            await callers.wait_until_good()
            with trouble(database):
                await asyncio.sleep(SECONDS)
        await callers.wait_until_good()

    assert {status for _, status in callers.answers} == {200, 503}, callers.answers
    found = {email: parts for email, *parts in ask(database, _CASES, organization_id)}
    wanted = {email: [1, 1] for email, status in callers.emails.items() if status == 200}
    if trouble is read_only:
        # A refused write came to nothing; a session that ended may have committed before.
        assert callers.answers["_read", 503] == 0
        assert found.keys() & callers.emails.keys() == wanted.keys()
        assert ask(database, _CARTS, organization_id)[0][0] - carts_before == callers.answers["_create_cart", 200]
    assert found | wanted == found
    assert {tuple(parts) for parts in found.values()} == {(1, 1)}
    # The worker had the same trouble, and goes on too.
    await asyncio.to_thread(until, lambda: ask(database, _NOT_DISPATCHED, organization_id) == [(0,)], PATIENCE_SECONDS)


def ask(database: EmbeddedPostgres, statement: str, *values: object) -> list[tuple]:
    with psycopg.connect(database.owner_url) as conn:
        return conn.execute(statement.encode(), values).fetchall()
