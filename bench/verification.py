"""What verifying a payment with the gateway adds to creating a case, beside the time that the gateway itself takes.

One caller asks, in turns: a case whose reference is only kept, a case whose setup intent is verified, and the gateway alone, about
a setup intent of the same kind. So a slow moment of the machine meets all three.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg

from bench import sample, server
from bench.outside import process
from bench.server import Server
from carelane.kit.ids import uuid7
from carelane.payments.accounts.queries import SECRET_KEY
from carelane.surfaces.docs.examples import CREATE_CASE

NAME = "create case with gateway verification"
TURNS = 200
WARM_UP = 20
_KEY = "sk_test_bench"


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds, the median of all turns."""

    kept: float
    verified: float
    gateway: float

    @property
    def added(self) -> float:
        return self.verified - self.kept - self.gateway


def measure(folder: Path) -> Verification:
    """On a server of its own, beside the gateway's simulator."""
    with process(["carelane", "gateway-simulator", "--port", "0"]) as (_, line):
        url = line.split()[-1]
        with server.running(folder, GATEWAY_SIMULATOR_URL=url) as here:
            _add_account(here)
            with (
                httpx.Client(base_url=here.url, headers=here.clinic.headers, timeout=30) as storefront,
                httpx.Client(base_url=url, headers={"authorization": f"Bearer {_KEY}"}, timeout=30) as gateway,
            ):
                return _measure(here, storefront, gateway)


def _measure(here: Server, storefront: httpx.Client, gateway: httpx.Client) -> Verification:
    customer = _made(gateway, "customers", {})
    kept, verified, alone = [], [], []
    for turn in range(WARM_UP + TURNS):
        reference = _made(
            gateway, "setup_intents", {"confirm": "true", "payment_method": "pm_card_visa", "customer": customer}
        )
        times = (
            _timed(lambda: _create(here, storefront, "PAYMENT_TOKEN", uuid4().hex)),
            _timed(lambda made=reference: _create(here, storefront, "SETUP_INTENT", made)),
            _timed(lambda made=reference: gateway.get(f"/v1/setup_intents/{made}")),
        )
        if turn >= WARM_UP:
            for measured, milliseconds in zip((kept, verified, alone), times, strict=True):
                measured.append(milliseconds)
    return Verification(kept=median(kept), verified=median(verified), gateway=median(alone))


def _timed(ask: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    ask().raise_for_status()
    return (time.perf_counter() - began) * 1_000


def _create(here: Server, storefront: httpx.Client, kind: str, reference: str) -> httpx.Response:
    product = {**CREATE_CASE["products"][0], "id": here.clinic.product_id}
    payment = {**CREATE_CASE["payment"], "providerReference": {"type": kind, "id": reference}}
    user = {**CREATE_CASE["user"], "email": f"{uuid4().hex}@example.com"}
    body = {**CREATE_CASE, "isTest": True, "user": user, "products": [product], "payment": payment}
    return storefront.post("/api/v1/cases", json=body)


def _made(gateway: httpx.Client, kind: str, form: dict[str, str]) -> str:
    answer: dict[str, Any] = gateway.post(f"/v1/{kind}", data=form).raise_for_status().json()
    return str(answer["id"])


def _add_account(here: Server) -> None:
    account_id, organization_id = uuid7(), UUID(here.clinic.organization_id)
    with psycopg.connect(here.database.owner_url) as conn:
        sealed = sample.data_key(conn, here).seal(_KEY.encode(), SECRET_KEY, account_id)
        conn.execute(
            "INSERT INTO gateway_accounts (organization_id, id, provider, is_test, secret_key_sealed)"
            " VALUES (%s, %s, 'stripe', true, %s)",
            (organization_id, account_id, sealed),
        )
        conn.execute("UPDATE organizations SET payment_policy = 'charge_on_approval' WHERE id = %s", (organization_id,))


def lines(measured: Verification) -> list[str]:
    return [
        f"{NAME}: p50 {measured.verified:.1f} ms; without verification {measured.kept:.1f} ms, the gateway alone "
        f"{measured.gateway:.1f} ms; added beside the gateway's own time {measured.added:.1f} ms"
    ]
