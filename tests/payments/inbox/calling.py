"""A gateway that tells: signs events as Stripe's documentation says, and looks at what became of them."""

import asyncio
import hashlib
import hmac
import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import stripe

from carelane.kit.auth import system_actor
from carelane.payments.decided import take_payments
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.detail.asking import create_case
from tests.factories.decisions import decide
from tests.factories.gateways import add_payment
from tests.factories.rows import update_row
from tests.gateway_simulator.world import GatewayWorld
from tests.server import RunningServer

TEST_SECRET, OLD_SECRET, LIVE_SECRET = "whsec_test_now", "whsec_test_before", "whsec_live"
DEADLINE_SECONDS = 20
UNAPPLIED = "SELECT type, object_id, status, tries, failure FROM gateway_events WHERE status <> 'APPLIED' AND type <> 'payment_intent.created'"
KEPT = "SELECT type, status, came_by FROM gateway_events WHERE event_id = %s"


def signature(body: bytes, *secrets: str, second: int | None = None) -> str:
    """Written from Stripe's description, not with the code under test."""
    moment = str(int(time.time()) if second is None else second)
    signed = moment.encode() + b"." + body
    parts = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={moment}", *parts])


def event_about(object_id: str, kind: str = "payment_intent", **more: Any) -> dict[str, Any]:
    """An event as Stripe sends it, of test money."""
    usual = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": "2026-01-28.clover",
        "type": f"{kind}.succeeded",
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": {"id": object_id, "object": kind, "metadata": {}}},
    }
    return usual | more


class Caller(msgspec.Struct, frozen=True):
    """A clinic that takes money, its account at the simulator, and whoever tells it something."""

    server: RunningServer
    client: CheckedClient
    services: Services
    gateway: GatewayWorld
    clinic: Clinic
    key: str
    account_id: UUID
    live_account_id: UUID

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    @property
    def url(self) -> str:
        return f"/gateways/stripe/{self.organization_id}"

    @property
    def api(self) -> stripe.StripeClient:
        return self.gateway.client(self.key)

    async def tell(self, event: dict[str, Any], *secrets: str) -> httpx.Response:
        body = msgspec.json.encode(event)
        return await self.send(body, signature(body, *(secrets or (TEST_SECRET,))))

    async def send(self, body: bytes, signed: str | None, organization: str | None = None) -> httpx.Response:
        headers = {"content-type": "application/json"} | ({"stripe-signature": signed} if signed is not None else {})
        url = self.url if organization is None else f"/gateways/stripe/{organization}"
        return await self.client.post(url, content=body, headers=headers)

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.organization_id) as conn:
            return await (await conn.execute(statement, values)).fetchall()

    async def until(self, statement: str, *values: Any, wanted: list[tuple[Any, ...]]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (found := await self.rows(statement, *values)) != wanted:
            assert time.monotonic() < deadline, (found, await self.rows(UNAPPLIED))
            await asyncio.sleep(0.05)

    async def case(self) -> tuple[UUID, UUID]:
        """A test case and its patient."""
        case_id = UUID(str(await create_case(self.client, self.clinic)))
        await update_row(self.services, self.organization_id, "cases", case_id, is_test=True)
        ((patient_id,),) = await self.rows("SELECT patient_id FROM cases WHERE id = %s", case_id)
        return case_id, patient_id

    async def payment(self, reference_id: str | None, **values: Any) -> UUID:
        case_id, patient_id = await self.case()
        named = {"case_id": case_id, "patient_id": patient_id, "reference_id": reference_id}
        return await add_payment(self.services, self.organization_id, self.account_id, **(named | values))

    def card(self) -> tuple[str, str]:
        """A customer of the gateway's and the card that may be charged when nobody is there."""
        customer = self.api.v1.customers.create({})
        method = self.api.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        return customer.id, method.id

    async def approved(self, **values: Any) -> UUID:
        """A payment of an approved case that nobody has taken yet, and that the worker leaves alone."""
        customer_id, method_id = self.card()
        kept = {"customer_id": customer_id, "method_id": method_id, "reference_type": "SETUP_INTENT"}
        payment_id = await self.payment(None, **(kept | values))
        await self.approve(payment_id)
        await update_row(self.services, self.organization_id, "payments", payment_id, next_step_at=None)
        return payment_id

    async def approve(self, payment_id: UUID) -> None:
        """As a clinician's decision does, without one."""
        ((case_id,),) = await self.rows("SELECT case_id FROM payments WHERE id = %s", payment_id)
        actor, data_key = system_actor(self.organization_id), await self.services.keyring.data_key(self.organization_id)
        creator_id = UUID(str(self.clinic.creator_id))
        await decide(self.services, self.organization_id, case_id, creator_id, is_approved=True)
        async with self.services.db.transaction(actor) as conn:
            await conn.execute("SELECT FROM cases WHERE id = %s FOR NO KEY UPDATE", (case_id,))
            await take_payments(self.services, conn, actor, data_key, case_id)
            # In the same transaction, or the worker might be first.
            await conn.execute("UPDATE payments SET next_step_at = NULL WHERE id = %s", (payment_id,))

    def told(self, *object_ids: str) -> list[dict[str, Any]]:
        """The gateway's events about these objects, the oldest first."""
        events = self.gateway.objects("event", self.key)
        return [event for event in events if any(each in msgspec.json.encode(event).decode() for each in object_ids)]

    def intent(self, amount: int = 4_900, **more: Any) -> stripe.PaymentIntent:
        """Paid by the patient in the storefront, unless `more` says otherwise."""
        usual = {
            "amount": amount,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "payment_method_types": ["card"],
        }
        return self.api.v1.payment_intents.create(usual | more)  # type: ignore[arg-type]
