"""Orders: from the first request to the moment the last of them is ACCEPTED, with PDF and with a webhook for every event.

In turns with it: how many prescription PDFs one core makes, and how many transactions of one row the database commits.
"""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import psycopg

from bench import limit, outside, sample
from bench.limit import Script
from bench.outside import Outside
from carelane.orders.queries import PRESCRIPTION
from carelane.orders.sending.views import render
from carelane.pharmacies.schemas import Prescription
from carelane.surfaces.docs.examples import PLACE_ORDER

# At the wanted pace a turn then lasts more than ten seconds.
ORDERS = 900
WARM_UP_ORDERS = 100
TURNS = 2
CONCURRENCY = 16
WANTED_PER_SECOND = 60.0
# A fault must not let the bench run for ever.
MOST_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_LIMIT_SECONDS = 3.0

_ACCEPTED = "SELECT count(accepted_at), extract(epoch FROM max(accepted_at)) FROM orders WHERE id = ANY(%s)"
_SETTLED = """
SELECT (SELECT count(*) FROM orders WHERE id = ANY(%(ids)s) AND pharmacy_document_id IS NULL)
  + (SELECT count(*) FROM webhook_deliveries WHERE status = 'PENDING')
  + (SELECT count(*) FROM events WHERE dispatched_at IS NULL)
"""
_COMMIT = Script(text="UPDATE bench_commits SET count = count + 1 WHERE id = :client_id;\n", values={})


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` until the last order was ACCEPTED; `settled_seconds` until every document and webhook had arrived."""

    count: int
    placed_seconds: float
    seconds: float
    settled_seconds: float
    cpu_milliseconds: dict[str, float]
    settled_cpu_milliseconds: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


class Orders(msgspec.Struct, kw_only=True):
    turns: list[Turn] = []
    pdfs_per_second: list[float] = []
    commits_per_second: list[float] = []


def measure(here: Outside, folder: Path) -> Orders:
    measured = Orders()
    endpoint_id = outside.add_endpoint(here, "orders", "EVENT_ONLY", [])
    with psycopg.connect(here.server.database.owner_url, autocommit=True) as conn:
        _make_commit_table(conn)
        _turn(conn, here, sample.FIRST, WARM_UP_ORDERS)
        for number in range(TURNS):
            first = sample.FIRST + WARM_UP_ORDERS + number * ORDERS
            measured.turns.append(_turn(conn, here, first, ORDERS))
            measured.pdfs_per_second.append(_pdfs_per_second(conn, here))
            tps = limit.run(here.server.database, _COMMIT, folder, _LIMIT_SECONDS, 0)
            measured.commits_per_second.append(tps)
    outside.switch_off(here, endpoint_id)
    return measured


def _turn(conn: psycopg.Connection, here: Outside, first: int, count: int) -> Turn:
    clocks, began = here.clocks(), time.time()
    ids = asyncio.run(_place(here, range(first, first + count)))
    placed_seconds = time.time() - began
    ended = _wait_until_accepted(conn, ids)
    cpu = _per_order(clocks, count)
    _wait_until_settled(conn, ids)
    return Turn(
        count=count,
        placed_seconds=placed_seconds,
        seconds=ended - began,
        settled_seconds=time.time() - began,
        cpu_milliseconds=cpu,
        settled_cpu_milliseconds=_per_order(clocks, count),
    )


def _per_order(clocks: dict[str, Any], count: int) -> dict[str, float]:
    return {name: clock.seconds() / count * 1_000 for name, clock in clocks.items()}


async def _place(here: Outside, numbers: range) -> list[UUID]:
    """One order for each case, so many requests at once. Every one must be answered with 200."""
    left = iter(numbers)
    headers = {"cv-api-key": here.server.clinic.api_key, "content-type": "application/json"}
    ids: list[UUID] = []

    async with aiohttp.ClientSession(here.server.url, headers=headers) as client:

        async def place() -> None:
            for number in left:
                body = {**PLACE_ORDER, "idempotencyKey": uuid4().hex}
                async with client.post(f"/api/v1/cases/{sample.case_id(number)}", data=json.dumps(body)) as answer:
                    answer.raise_for_status()
                    ids.append(UUID((await answer.json())["data"]["order"]["id"]))

        await asyncio.gather(*(place() for _ in range(CONCURRENCY)))
    return ids


def _wait_until_accepted(conn: psycopg.Connection, ids: list[UUID]) -> float:
    """When the last of them was, by the clock of this machine."""
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        count, last = conn.execute(_ACCEPTED, (ids,)).fetchone() or (0, 0)
        if count == len(ids):
            return float(last)
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError(f"after {MOST_SECONDS:.0f} s only {count} of {len(ids)} orders are ACCEPTED")


def _wait_until_settled(conn: psycopg.Connection, ids: list[UUID]) -> None:
    """Every pharmacy's document is stored, and every webhook delivered."""
    deadline = time.monotonic() + MOST_SECONDS
    while (conn.execute(_SETTLED, {"ids": ids}).fetchone() or (0,))[0] > 0:
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {MOST_SECONDS:.0f} s documents or webhooks are still on their way")
        time.sleep(_LOOK_SECONDS)


def _pdfs_per_second(conn: psycopg.Connection, here: Outside) -> float:
    """Prescriptions of the orders just placed, each another one: the compiler remembers what it has seen."""
    key = sample.data_key(conn, here.server)
    rows = conn.execute("SELECT id, sealed FROM orders WHERE sealed IS NOT NULL ORDER BY id DESC LIMIT %s", (ORDERS,))
    prescriptions = [
        msgspec.json.decode(key.open(bytes(sealed), PRESCRIPTION, id_), type=Prescription) for id_, sealed in rows
    ]
    render(prescriptions.pop())
    began, count = time.perf_counter(), 0
    while prescriptions and time.perf_counter() < began + _LIMIT_SECONDS:
        render(prescriptions.pop())
        count += 1
    return count / (time.perf_counter() - began)


def _make_commit_table(conn: psycopg.Connection) -> None:
    conn.execute("CREATE TABLE bench_commits (id integer PRIMARY KEY, count integer NOT NULL)")
    conn.execute("INSERT INTO bench_commits SELECT n, 0 FROM generate_series(0, %s) n", (limit.CLIENTS - 1,))
    conn.execute("GRANT SELECT, UPDATE ON bench_commits TO carelane_app")
