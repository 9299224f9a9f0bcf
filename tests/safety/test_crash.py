"""kill -9 in the middle of many creates: what was answered is there whole, and nothing is there in part."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec
import psutil
import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.ids import uuid7
from tests.cast import Clinic
from tests.detail.asking import PATH
from tests.factories.cases import case_body
from tests.processes.waiting import until
from tests.server import RunningServer, demo_data, prepared, running_server

CREATES = 200
AT_ONCE = 32
KILL_AFTER = 80
# What each case of this test must have: one product with a request and a form with two answers, a payment, an event.
WHOLE = (1, 1, 1, 2, 1, 1)

_CASES = """
SELECT c.id::text,
  (SELECT count(*) FROM case_products k WHERE k.case_id = c.id),
  (SELECT count(*) FROM case_product_requests r JOIN case_products k ON k.id = r.case_product_id WHERE k.case_id = c.id
     AND r.form_response_id IS NOT NULL),
  (SELECT count(*) FROM form_responses r WHERE r.case_id = c.id),
  (SELECT count(*) FROM form_answers a JOIN form_responses r ON r.id = a.form_response_id WHERE r.case_id = c.id),
  (SELECT count(*) FROM payments y WHERE y.case_id = c.id),
  (SELECT count(*) FROM events e WHERE e.case_id = c.id AND e.type = 'CREATE_CASE')
FROM cases c WHERE c.id <> '123e4567-e89b-12d3-a456-426614174000'
"""
# The demo data's own patients, case and events aside.
_ORPHANS = """
WITH new AS (SELECT * FROM patients WHERE email NOT IN ('robin.vale@patient.example', 'kim.alder@patient.example'))
SELECT (SELECT count(*) FROM new p WHERE NOT EXISTS (SELECT FROM cases c WHERE c.patient_id = p.id))
     + (SELECT count(*) FROM new) - (SELECT count(*) FROM cases WHERE id <> '123e4567-e89b-12d3-a456-426614174000')
     + (SELECT count(*) FROM events e WHERE e.case_id IS NULL AND e.actor_kind <> 'system')
"""
_STAFF = """
INSERT INTO staff (organization_id, id, email, first_name, last_name, role)
VALUES (%s, %s, %s, 'Ada', 'Berg', 'CASEWORKER')
"""
_NOT_ASSIGNED = "SELECT count(*) FROM cases WHERE status = 'OPEN'"
# Assigned exactly once.
_NOT_FOLLOWED = """
SELECT count(*) FROM cases c
WHERE 1 <> (SELECT count(*) FROM events e WHERE e.case_id = c.id AND e.type = 'ADD_CASE_ASSIGNEE')
"""


def ask(data_dir: Path, statement: str) -> list[tuple]:
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as conn:
        return conn.execute(statement).fetchall()


def one(data_dir: Path, statement: str) -> int:
    return ask(data_dir, statement)[0][0]


def hire(data_dir: Path, organization_id: str) -> None:
    """Somebody to whom the worker gives the cases."""
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as conn:
        for number in range(3):
            conn.execute(_STAFF, (organization_id, uuid7(), f"staff{number}@x.example"))


def kill_processes(running: RunningServer) -> None:
    """The supervisor first, so that it cannot start anything again, then all that it started."""
    started = psutil.Process(running.process.pid).children(recursive=True)
    running.process.kill()
    for process in started:
        kill_if_there(process)
    psutil.wait_procs(started, timeout=10)


def kill_if_there(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.kill()


def kill_everything(running: RunningServer) -> None:
    """As when the machine loses power: the database too, before anyone could tell it to stop."""
    postmaster = EmbeddedPostgres(running.data_dir).pid
    assert postmaster is not None
    backends = psutil.Process(postmaster).children(recursive=True)
    os.kill(postmaster, signal.SIGKILL)
    kill_processes(running)
    for backend in backends:
        kill_if_there(backend)
    psutil.wait_procs(backends, timeout=10)


def kill_database(running: RunningServer) -> None:
    """The supervisor lives on, and starts it again."""
    postmaster = EmbeddedPostgres(running.data_dir).pid
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)


class Storm:
    """Many callers at once; one of them, having seen enough answers, kills."""

    def __init__(self, running: RunningServer, clinic: Clinic, kill: Callable[[RunningServer], None]) -> None:
        self.answered: list[str] = []
        self.unanswered = 0
        self._running, self._clinic, self._kill = running, clinic, kill
        self._killed = False

    async def rage(self) -> None:
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with httpx.AsyncClient(base_url=self._running.url, limits=limits, timeout=30) as client:
            await asyncio.gather(*(self._create(client) for _ in range(CREATES)))

    async def _create(self, client: httpx.AsyncClient) -> None:
        try:
            answer = await client.post(
                "/api/v1/cases", json=case_body(self._clinic.product_id), headers=self._clinic.key
            )
        except httpx.TransportError:
            self.unanswered += 1
            return
        if answer.status_code != 200:
            self.unanswered += 1
            return
        self.answered.append(answer.json()["data"]["caseId"])
        if len(self.answered) >= KILL_AFTER and not self._killed:
            self._killed = True
            # In this very step, so that the other callers' requests are in hand.
            self._kill(self._running)


def clinic_of(data_dir: Path) -> Clinic:
    return msgspec.convert(demo_data(data_dir), Clinic)


async def check(running: RunningServer, clinic: Clinic, storm: Storm) -> None:
    assert storm.unanswered > 0, "nothing was in hand when it was killed"
    cases = {case_id: parts for case_id, *parts in ask(running.data_dir, _CASES)}
    assert set(storm.answered) <= set(cases)
    assert {tuple(parts) for parts in cases.values()} == {WHOLE}
    assert one(running.data_dir, _ORPHANS) == 0
    async with httpx.AsyncClient(base_url=running.url, timeout=30) as client:
        for case_id in storm.answered:
            answer = await client.get(PATH, params={"caseId": case_id}, headers=clinic.key)
            assert answer.status_code == 200
            assert answer.json()["caseDetail"]["responses"][0]["responses"][0]["text"] == "138 lbs"
    until(lambda: one(running.data_dir, "SELECT count(*) FROM events WHERE dispatched_at IS NULL") == 0)
    until(lambda: one(running.data_dir, _NOT_ASSIGNED) == 0)
    assert one(running.data_dir, _NOT_FOLLOWED) == 0


@pytest.mark.parametrize("kill", [kill_processes, kill_everything])
async def test_after_kill_9_every_answered_case_is_whole_and_none_is_partial(tmp_path, kill):
    data_dir = prepared(tmp_path / "data")
    with running_server(data_dir) as running:
        clinic = clinic_of(data_dir)
        hire(data_dir, clinic.organization_id)
        storm = Storm(running, clinic, kill)
        await storm.rage()
    with running_server(data_dir) as running:
        await check(running, clinic, storm)


async def test_after_the_database_was_killed_alone_the_same_server_goes_on(tmp_path):
    data_dir = prepared(tmp_path / "data")
    with running_server(data_dir) as running:
        clinic = clinic_of(data_dir)
        hire(data_dir, clinic.organization_id)
        storm = Storm(running, clinic, kill_database)
        await storm.rage()
        until(lambda: httpx.get(f"{running.url}/health/ready", timeout=15).status_code == 200, 30)
        await check(running, clinic, storm)
