"""Clinics that are paid through the gateway, and what their storefronts have their visitors do there before a case is sent."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import stripe

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cases.bodies import case_body, new_email, with_user
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.gateway_simulator.world import GatewayWorld
from tests.own_clinic import make_clinic
from tests.server import running_server

ADDRESS = {"addressLine1": "2 Pier St", "city": "New York", "state": "NY", "country": "US", "postalCode": "10001"}
REFERENCE = "payment.providerReference.id"
_NUMBERS = itertools.count(1)
_PAYMENT = """
SELECT y.method, y.policy, y.stage, y.status, y.customer_id, y.method_id, y.reference_id, y.captured_cents, y.is_test, y.failure,
  y.amount_cents, y.id
FROM payments y WHERE y.organization_id = %s AND y.case_id = %s
"""


class Payment(msgspec.Struct, frozen=True):
    """A row of `payments`."""

    method: str
    policy: str
    stage: str
    status: str
    customer_id: str | None
    method_id: str | None
    reference_id: str | None
    captured_cents: int
    is_test: bool
    failure: str | None
    amount_cents: int
    id: UUID


class Paid(msgspec.Struct, frozen=True):
    """A clinic, and the key of its account for test money."""

    clinic: Clinic
    key: str
    live_key: str

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)


class World:
    def __init__(self, services: Services, client: CheckedClient, gateway: GatewayWorld) -> None:
        self.services = services
        self.client = client
        self.gateway = gateway

    async def clinic(
        self,
        folder: Path,
        policy: str = "charge_on_approval",
        modes: tuple[str, ...] = ("test",),
        fees: list[dict[str, Any]] | None = None,
        **organization: Any,
    ) -> Paid:
        number = next(_NUMBERS)
        keys = {"test": f"sk_test_intake{number}", "live": f"sk_live_intake{number}"}
        gateways = {"stripe": {mode: {"secretKey": keys[mode]} for mode in modes}} if modes else {}
        section = {"policy": policy, "fees": fees or []} | ({"gateways": gateways} if gateways else {})
        clinic = await make_clinic(self.services, folder, parts={"payments": section}, **organization)
        return Paid(clinic, keys["test"], keys["live"])

    def api(self, paid: Paid, mode: str = "test") -> stripe.StripeClient:
        return self.gateway.client(paid.key if mode == "test" else paid.live_key)

    def setup(self, paid: Paid, card: str = "pm_card_visa", mode: str = "test", **more: Any) -> stripe.SetupIntent:
        """One that a visitor confirmed, unless `more` says otherwise."""
        usual = {"confirm": True, "payment_method": card, "payment_method_types": ["card"]}
        return self.api(paid, mode).v1.setup_intents.create(usual | more)  # type: ignore[arg-type]

    def customer(self, paid: Paid) -> str:
        return self.api(paid).v1.customers.create({"email": new_email()}).id

    def intent(self, paid: Paid, amount: int = 15_900, mode: str = "test", **more: Any) -> stripe.PaymentIntent:
        usual = {
            "amount": amount,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "payment_method_types": ["card"],
        }
        return self.api(paid, mode).v1.payment_intents.create(usual | more)  # type: ignore[arg-type]

    def hold(self, paid: Paid, amount: int = 15_900, **more: Any) -> stripe.PaymentIntent:
        return self.intent(paid, amount, **({"capture_method": "manual"} | more))

    def calls(self) -> dict[str, int]:
        """How often each operation was asked for, but for lists: those the worker reads whenever it likes."""
        return {name: times for name, times in self.gateway.calls().items() if not name.endswith(".list")}

    async def send(
        self, paid: Paid, body: dict[str, Any], path: str = "/api/v1/cases", **headers: str
    ) -> httpx.Response:
        return await self.client.post(path, json=body, headers=paid.clinic.key | headers)

    async def created(self, paid: Paid, body: dict[str, Any]) -> Payment:
        """The payment of the case that comes of it."""
        answer = await self.send(paid, body)
        assert answer.status_code == 200, answer.text
        return await self.payment(paid, answer.json()["data"]["caseId"])

    async def refused(self, paid: Paid, body: dict[str, Any], status: int = 422) -> str:
        """What was said of the reference; nothing was written."""
        before = await self.counts(paid)
        answer = await self.send(paid, body)
        assert answer.status_code == status, answer.text
        told = answer.json()
        assert told["success"] is False
        assert [problem["field"] for problem in told["errors"]] == [REFERENCE] * len(told["errors"])
        assert REFERENCE in told["error"]
        assert await self.counts(paid) == before
        return "; ".join(problem["message"] for problem in told["errors"])

    async def payment(self, paid: Paid, case_id: str) -> Payment:
        ((*row,),) = await self.rows(paid, _PAYMENT, case_id)
        return Payment(*row)

    async def rows(self, paid: Paid, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """`statement` asks for the organization's id first."""
        async with self.services.db.reading(paid.organization_id) as conn:
            return await (await conn.execute(statement, (paid.organization_id, *values))).fetchall()

    async def counts(self, paid: Paid) -> tuple[Any, ...]:
        statement = ", ".join(
            f"(SELECT count(*) FROM {table} WHERE organization_id = o.id)"
            for table in ("cases", "patients", "payments", "gateway_customers", "events", "payment_intents")
        )
        return (await self.rows(paid, f"SELECT {statement} FROM organizations o WHERE o.id = %s"))[0]


@asynccontextmanager
async def running_world(
    folder: Path, contract: Contract, gateway: GatewayWorld, **settings: str
) -> AsyncIterator[World]:
    """A server of one's own, on the prepared folder."""
    usual = {"gateway_simulator_url": gateway.url, "payment_retry_seconds": "0.3"}
    with running_server(folder, **(usual | settings)) as server:
        pooled = {name: value for name, value in server.settings.items() if name.startswith("database_")}
        embedded = {"database_url": EmbeddedPostgres(folder).application_url, "gateway_simulator_url": gateway.url}
        async with (
            open_services(read_settings({}, data_dir=folder, **(embedded | pooled))) as services,
            CheckedClient(contract, base_url=server.url, timeout=30) as client,
        ):
            yield World(services, client, gateway)


def paying(paid: Paid, reference: Any, kind: str = "SETUP_INTENT", **changes: Any) -> dict[str, Any]:
    """A test case that is paid with it; `changes` are of the payment."""
    reference_id = reference if isinstance(reference, str) else reference.id
    payment = {"amount": 159, "currency": "USD", "providerReference": {"type": kind, "id": reference_id}}
    body = case_body(paid.clinic.product_id, isTest=True, payment=payment | changes)
    return with_user(body, shippingAddress=ADDRESS)
