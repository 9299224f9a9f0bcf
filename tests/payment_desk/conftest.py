"""A clinic of each test's own with a gateway, its people, and payments that stand where the test wants them."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from carelane.kit.auth import system_actor
from carelane.payments.decided import take_payments
from carelane.payments.settling.settle import Seen
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.detail.asking import create_case
from tests.factories.decisions import decide
from tests.factories.payments import add_gateway, charge
from tests.factories.seen import hear, take
from tests.own_clinic import make_clinic
from tests.payments.checking import kept_in_order
from tests.review.people import Person, employ

URL = "/api/staff/payments"


class Till(msgspec.Struct, frozen=True):
    client: CheckedClient
    services: Services
    clinic: Clinic
    case_id: UUID
    account_id: UUID
    # ADMIN, who may do everything; CASEMANAGER, who may not send; SUPPORT, who only looks and reads no case.
    ann: Person
    max: Person
    sue: Person

    @property
    def id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    async def payment(self, cents: int = 15900, **values: Any) -> UUID:
        """Of a case, kept by the gateway; nothing was tried yet. What is to be taken was approved."""
        if values.get("wanted") == "TAKE":
            await self.decided()
        [(patient_id,)] = await self.ask("SELECT patient_id FROM cases WHERE id = %s", self.case_id)
        usual = {"method": "GATEWAY", "policy": "charge_on_approval", "stage": "WAITING", "status": "UNPAID"}
        card = {"customer_id": "cus_1", "method_id": "pm_1", "patient_id": patient_id}
        named = {"gateway_account_id": self.account_id}
        return await charge(self.services, self.id, self.case_id, cents, **(usual | card | named | values))

    async def captured(self, cents: int = 15900, **values: Any) -> UUID:
        """The storefront's own money, that came with the case; then the case was approved."""
        payment_id = await self.payment(
            cents, reference_type="PAYMENT_INTENT", reference_id=f"pi_{uuid4().hex}", **values
        )
        await take(self.services, self.id, payment_id, cents)
        await self.approve()
        return payment_id

    async def approve(self) -> None:
        """As a clinician's decision does, without one."""
        await self.decided()
        actor, data_key = system_actor(self.id), await self.services.keyring.data_key(self.id)
        async with self.services.db.transaction(actor) as conn:
            await conn.execute("UPDATE cases SET status = 'APPROVED' WHERE id = %s", (self.case_id,))
            await take_payments(self.services, conn, actor, data_key, self.case_id)

    async def decided(self) -> None:
        await decide(self.services, self.id, self.case_id, UUID(self.clinic.creator_id), is_approved=True)

    async def hear(self, payment_id: UUID, seen: Seen) -> None:
        await hear(self.services, self.id, payment_id, seen)

    async def intent_of(self, payment_id: UUID) -> str:
        [(gateway_id,)] = await self.ask("SELECT gateway_id FROM payment_intents WHERE payment_id = %s", payment_id)
        return str(gateway_id)

    async def get(self, url: str, person: Person | None = None, /, **query: Any) -> httpx.Response:
        return await self.client.get(url, params=query, headers=(person or self.ann).headers)

    async def post(self, url: str, body: Any = None, person: Person | None = None, **headers: str) -> httpx.Response:
        return await self.client.post(url, json=body, headers=(person or self.ann).headers | headers)

    async def grant(self, payment_id: UUID | str, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return await self.post(f"{URL}/{payment_id}/refunds", body or {}, **more)

    async def granted(self, payment_id: UUID, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await self.grant(payment_id, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.id) as conn:
            return await (await conn.execute(statement.encode(), values)).fetchall()

    async def events(self) -> list[tuple[str, str | None, str | None]]:
        return await self.ask(
            "SELECT type, value_before, value_after FROM events WHERE case_id = %s AND type <> 'CREATE_CASE' "
            "ORDER BY case_sequence",
            self.case_id,
        )


@pytest.fixture
async def till(client: CheckedClient, services: Services, tmp_path: Any) -> Till:
    clinic = await make_clinic(services, tmp_path)
    people = [
        await employ(services, clinic, name, role=role)
        for name, role in (("Ann", "ADMIN"), ("Max", "CASEMANAGER"), ("Sue", "SUPPORT"))
    ]
    account_id = await add_gateway(services, UUID(clinic.organization_id), is_test=False)
    return Till(client, services, clinic, await create_case(client, clinic), account_id, *people)


@pytest.fixture
def nowhere() -> UUID:
    return uuid4()


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    """What the file's tests did with money holds together."""
    async with kept_in_order(services, asks_gateways=False):
        yield
