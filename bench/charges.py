"""Charges: from the first approval to the moment the last payment is PAID, and its webhook delivered.

The cases are made and begun over HTTP, each with a card that is kept at the gateway's simulator; the simulator tells us of every
charge by webhook, as Stripe would. In turns with it: the simulator alone, asked for the same charges by a client that does nothing else.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count, takewhile
from pathlib import Path
from statistics import mean
from typing import Any, TypeVar
from uuid import UUID, uuid4

import aiohttp
import msgspec
import psycopg
import pyotp

from bench import outside, server
from bench.outside import Outside, process
from bench.server import Clinic, environment
from carelane.payments.gateways.stripe.calls import API_VERSION
from carelane.surfaces.docs.examples import CREATE_CASE

NAME = "charges"
# At the wanted pace a turn then lasts ten seconds.
CHARGES = 600
WARM_UP_CHARGES = 60
# What the storefront wants to be told of: that a charge was taken, or everything that happens.
WANTED = {"PAYMENT_COMPLETED": ["PAYMENT_COMPLETED"], "every event": []}
CONCURRENCY = 16
WANTED_PER_SECOND = 60.0
# A fault must not let the bench run for ever.
MOST_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_ALONE_SECONDS = 3.0

_PAID = "SELECT count(paid_at), extract(epoch FROM max(paid_at)) FROM payments WHERE case_id = ANY(%s)"
_TOLD = """
SELECT count(d.delivered_at), extract(epoch FROM max(d.delivered_at)) FROM events e
JOIN webhook_deliveries d ON d.organization_id = e.organization_id AND d.event_id = e.id
WHERE e.type = 'PAYMENT_COMPLETED' AND e.case_id = ANY(%s)
"""
_LEFT = """
SELECT (SELECT count(*) FROM webhook_deliveries WHERE status = 'PENDING') + (SELECT count(*) FROM events WHERE dispatched_at IS NULL)
  + (SELECT count(*) FROM gateway_events WHERE status = 'RECEIVED')
"""

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")


class Paying(Clinic, frozen=True, kw_only=True, rename="camel"):
    """The clinic of the demo data that takes money through the simulator."""

    staff_email: str
    staff_password: str
    staff_totp_secret: str
    staff_id: str
    gateway_test_key: str
    gateway_test_webhook_secret: str
    gateway_webhook_path: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """All from the first approval on: until the last was sent, the last payment PAID, the last PAYMENT_COMPLETED delivered, and
    until nothing was left to do."""

    wanted: str
    count: int
    approved_seconds: float
    paid_seconds: float
    told_seconds: float
    settled_seconds: float
    cpu_milliseconds: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.count / self.told_seconds


class Charges(msgspec.Struct, kw_only=True):
    turns: list[Turn] = []
    alone_per_second: list[float] = []


class _Till(msgspec.Struct, frozen=True, kw_only=True):
    here: Outside
    clinic: Paying
    url: str
    clinician: dict[str, str]


def measure(folder: Path) -> Charges:
    measured = Charges()
    with _running(folder) as till:
        for wanted, events in WANTED.items():
            endpoint_id = outside.add_endpoint(till.here, wanted, "EVENT_ONLY", events)
            asyncio.run(_turn(till, wanted, WARM_UP_CHARGES))
            measured.turns.append(asyncio.run(_turn(till, wanted, CHARGES)))
            measured.alone_per_second.append(asyncio.run(_alone(till)))
            outside.switch_off(till.here, endpoint_id)
    return measured


@contextmanager
def _running(folder: Path) -> Iterator[_Till]:
    with (
        process(["carelane", "gateway-simulator", "--port", "0"]) as (simulator, line),
        process(["bench.receiver"]) as (receiver, receiver_url),
    ):
        settings = {"ALLOWED_NETWORKS": "127.0.0.0/8", "GATEWAY_SIMULATOR_URL": line.split()[-1]}
        with server.running(folder, **settings) as running:
            clinic = _paying_clinic(folder, settings)
            here = Outside(msgspec.structs.replace(running, clinic=clinic), simulator, receiver, receiver_url)
            till = _Till(here=here, clinic=clinic, url=settings["GATEWAY_SIMULATOR_URL"], clinician={})
            yield msgspec.structs.replace(till, clinician=asyncio.run(_connect(till)))


def _paying_clinic(folder: Path, settings: dict[str, str]) -> Paying:
    command = [sys.executable, "-m", "carelane", "demo-data", "--json", "--data-dir", str(folder)]
    printed = subprocess.run(command, env=environment(settings), check=True, capture_output=True, text=True).stdout
    return msgspec.convert(json.loads(printed)["paying"], Paying)


async def _connect(till: _Till) -> dict[str, str]:
    """The gateway learns where to tell of charges, and the clinician signs in. Returns the headers of their requests."""
    clinic, base = till.clinic, till.here.server.url
    async with aiohttp.ClientSession() as client:
        endpoint = {"url": base + clinic.gateway_webhook_path, "secrets": [clinic.gateway_test_webhook_secret]}
        # What an account of Stripe's would tell of a charge, of the events that docs/howto/stripe.md names.
        endpoint |= {"key": clinic.gateway_test_key, "events": ["payment_intent.succeeded", "charge.updated"]}
        await _posted(client, f"{till.url}/control/webhooks", endpoint)
        credentials = {"tenant": clinic.tenant, "email": clinic.staff_email, "password": clinic.staff_password}
        credentials["totp"] = pyotp.TOTP(clinic.staff_totp_secret).now()
        answer = await _posted(client, f"{base}/api/staff/sessions", credentials)
    return {"authorization": f"Bearer {answer['token']}"}


async def _turn(till: _Till, wanted: str, number: int) -> Turn:
    url = till.here.server.database.owner_url
    async with aiohttp.ClientSession() as client:
        cases = await _each(range(number), lambda _: _begun_case(till, client))
        with psycopg.connect(url, autocommit=True) as conn:
            _wait_until_settled(conn)
        clocks, began = till.here.clocks(), time.time()
        await _each(cases, lambda case: _approve(till, client, case))
        approved_seconds = time.time() - began
    with psycopg.connect(url, autocommit=True) as conn:
        paid_at, told_at = _wait_for(conn, _PAID, cases), _wait_for(conn, _TOLD, cases)
        _wait_until_settled(conn)
    return Turn(
        wanted=wanted,
        count=number,
        approved_seconds=approved_seconds,
        paid_seconds=paid_at - began,
        told_seconds=told_at - began,
        settled_seconds=time.time() - began,
        cpu_milliseconds={name: clock.seconds() / number * 1_000 for name, clock in clocks.items()},
    )


async def _begun_case(till: _Till, client: aiohttp.ClientSession) -> UUID:
    """A case with a card that is kept, which the clinician has begun on."""
    clinic, base = till.clinic, till.here.server.url
    setup = {"confirm": "true", "payment_method": "pm_card_visa", "customer": await _customer(till, client)}
    setup_id = (await _asked(till, client, "setup_intents", setup))["id"]
    body = CREATE_CASE | {
        "products": [{**CREATE_CASE["products"][0], "id": clinic.product_id}],
        "user": CREATE_CASE["user"] | {"email": f"{uuid4().hex}@example.com"},
        "payment": CREATE_CASE["payment"] | {"providerReference": {"type": "SETUP_INTENT", "id": setup_id}},
    }
    made = await _posted(client, f"{base}/api/v1/cases", body, {"cv-api-key": clinic.api_key})
    case_id = made["data"]["caseId"]
    for act, said in (("assign", {"staffId": clinic.staff_id}), ("start", dict[str, str]())):
        await _posted(client, f"{base}/api/staff/cases/{case_id}/{act}", said, till.clinician)
    return UUID(case_id)


async def _approve(till: _Till, client: aiohttp.ClientSession, case_id: UUID) -> None:
    medicine = {"medicine": "Zephyrol", "dosage": "5 mg", "refillCount": 2, "dosingFrequency": "daily"}
    decision = {"productId": till.clinic.product_id, "outcome": "APPROVED", "startDate": "2026-11-01"}
    decision |= {"endDate": "2199-11-01", "medInfo": [medicine], "visitType": "ASYNC_TEXT_EMAIL"}
    url = f"{till.here.server.url}/api/staff/cases/{case_id}/decide"
    await _posted(client, url, {"decisions": [decision]}, till.clinician)


async def _alone(till: _Till) -> float:
    """The simulator's charges a second, asked for as our adapter asks, as many at a time as approvals are sent."""
    async with aiohttp.ClientSession() as client:
        customer = await _customer(till, client)
        method = (await _asked(till, client, "payment_methods/pm_card_visa/attach", {"customer": customer}))["id"]
        wanted = {"amount": "15900", "currency": "usd", "customer": customer, "payment_method": method}
        wanted |= {"confirm": "true", "off_session": "true", "capture_method": "automatic"}
        wanted |= {"allowed_payment_method_types[0]": "card", "expand[0]": "latest_charge.balance_transaction"}
        began = time.perf_counter()
        in_time = takewhile(lambda _: time.perf_counter() < began + _ALONE_SECONDS, count())
        made = await _each(in_time, lambda _: _asked(till, client, "payment_intents", wanted))
        return len(made) / (time.perf_counter() - began)


async def _customer(till: _Till, client: aiohttp.ClientSession) -> str:
    return str((await _asked(till, client, "customers", {}))["id"])


async def _asked(till: _Till, client: aiohttp.ClientSession, path: str, form: dict[str, str]) -> dict[str, Any]:
    """The gateway, by a caller that is not Carelane."""
    headers = {"authorization": f"Bearer {till.clinic.gateway_test_key}", "stripe-version": API_VERSION}
    async with client.post(f"{till.url}/v1/{path}", data=form, headers=headers) as answer:
        answer.raise_for_status()
        return dict(await answer.json())


async def _posted(
    client: aiohttp.ClientSession, url: str, body: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    async with client.post(url, json=body, headers=headers) as answer:
        answer.raise_for_status()
        return dict(await answer.json())


async def _each(items: Iterable[ItemT], do: Callable[[ItemT], Awaitable[DoneT]]) -> list[DoneT]:
    """CONCURRENCY of them at a time."""
    left, done = iter(items), list[DoneT]()

    async def work() -> None:
        for item in left:
            done.append(await do(item))

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return done


def _wait_for(conn: psycopg.Connection, statement: Any, cases: list[UUID]) -> float:
    """When the last of them was, by the clock of this machine."""
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        done, last = conn.execute(statement, (cases,)).fetchone() or (0, 0)
        if done == len(cases):
            return float(last)
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError(f"after {MOST_SECONDS:.0f} s only {done} of {len(cases)} charges have come so far")


def _wait_until_settled(conn: psycopg.Connection) -> None:
    """Every webhook is delivered, and all that the gateway told is applied."""
    deadline = time.monotonic() + MOST_SECONDS
    while (conn.execute(_LEFT).fetchone() or (0,))[0] > 0:
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {MOST_SECONDS:.0f} s webhooks are still on their way")
        time.sleep(_LOOK_SECONDS)


def lines(measured: Charges) -> list[str]:
    alone = mean(measured.alone_per_second)
    told = " and ".join(f"{value:,.0f}" for value in measured.alone_per_second)
    return [
        f"{NAME}, from approval to PAID and its webhook (wanted: ≥ {WANTED_PER_SECOND:.0f}/s); the gateway's simulator alone: {told}/s",
        *(line for turn in measured.turns for line in _turn_lines(turn, alone)),
    ]


def _turn_lines(turn: Turn, alone: float) -> list[str]:
    cpu = ", ".join(f"{name} {value:.1f}" for name, value in turn.cpu_milliseconds.items() if value >= 0.05)
    return [
        f"  {turn.count}, the storefront is told of {turn.wanted}: {turn.per_second:.1f}/s, a share of {turn.per_second / alone:.2f}; "
        f"approvals took {turn.approved_seconds:.1f} s, PAID {turn.paid_seconds:.1f} s, webhooks {turn.told_seconds:.1f} s, "
        f"everything {turn.settled_seconds:.1f} s",
        f"    CPU ms a charge: {cpu}",
    ]
