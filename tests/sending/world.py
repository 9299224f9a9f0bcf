"""A clinic, a pharmacy, and orders between them whose steps a test takes one by one."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from carelane.cases.actions import create_case
from carelane.cases.schemas import CaseIn
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.claims import ClaimRequest, Lease, now_seconds
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.orders.queries import PRESCRIPTION
from carelane.orders.sending import jobs, queries
from carelane.orders.sending.queries import LockedOrder
from carelane.orders.sending.task import DueOrder, OrderTask
from carelane.pharmacies.queries import SECRET, find_pharmacy
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.cases import case_body
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row, update_row
from tests.pharmacies.prescriptions import prescription

AN_HOUR = timedelta(hours=1)
PATIENCE_SECONDS = 20.0


class AtPharmacy(msgspec.Struct, frozen=True):
    """What the simulator tells about itself."""

    url: str

    def orders(self, order: LockedOrder) -> list[dict[str, Any]]:
        return httpx.get(f"{self.url}/_simulator/orders/{order.external_id}").json()["orders"]

    def reset(self) -> None:
        httpx.post(f"{self.url}/_simulator/reset").raise_for_status()

    def hurry(self) -> None:
        """From here on parcels leave and arrive at once."""
        pace = {"shipAfterSeconds": 0.1, "deliverAfterSeconds": 0.3}
        httpx.post(f"{self.url}/_simulator/settings", json=pace).raise_for_status()

    def received_count(self, order: LockedOrder) -> int:
        return httpx.get(f"{self.url}/_simulator/orders/{order.external_id}").json()["receivedCount"]


class World(msgspec.Struct, frozen=True):
    services: Services
    organization_id: UUID
    product_id: str
    pharmacy_id: UUID
    at_pharmacy: AtPharmacy

    @classmethod
    async def opened(cls, services: Services, clinic: Clinic, secret: str, at_pharmacy: AtPharmacy) -> "World":
        world = cls(services, UUID(clinic.organization_id), clinic.product_id, uuid7(), at_pharmacy)
        await world.add_pharmacy(secret.encode(), "pharmacy-123", world.pharmacy_id)
        return world

    async def add_pharmacy(self, secret: bytes, code: str, pharmacy_id: UUID | None = None) -> UUID:
        """A further one, behind the same simulator."""
        pharmacy_id = pharmacy_id or uuid7()
        key = await self.services.keyring.data_key(self.organization_id)
        sealed = key.seal(secret, SECRET, pharmacy_id)
        return await add_pharmacy(self.services, self.organization_id, code, id=pharmacy_id, secret_sealed=sealed)

    async def new_case(self) -> UUID:
        body = msgspec.convert(case_body(self.product_id), CaseIn, strict=False)
        case_id = uuid7()
        await create_case(self.services, system_actor(self.organization_id), body, None, case_id)
        return case_id

    async def place(self, scenario: str | None = None, **values: Any) -> LockedOrder:
        """An order for a case of its own, whose request is ORDERED. Nobody's step is due, unless the values say so."""
        order_id, case_id = uuid7(), values.get("case_id") or await self.new_case()
        content = prescription(scenario, order_id=order_id, placed_at=clock.now())
        key = await self.services.keyring.data_key(self.organization_id)
        row = {
            "id": order_id,
            "case_id": case_id,
            "external_id": content.external_id,
            "status": "RECEIVED",
            "pharmacy_id": self.pharmacy_id,
            "sealed": key.seal(msgspec.json.encode(content), PRESCRIPTION, order_id),
            "document_id": uuid7(),
        }
        await insert_row(self.services, self.organization_id, "orders", **(row | values))
        for (request_id,) in await self.ask(
            "SELECT r.id FROM case_product_requests r JOIN case_products p ON p.id = r.case_product_id "
            "WHERE p.case_id = %s",
            case_id,
        ):
            await update_row(
                self.services, self.organization_id, "case_product_requests", request_id,
                status="ORDERED", order_id=order_id,
            )  # fmt: skip
        return await self.now(order_id)

    async def now(self, order: LockedOrder | UUID) -> LockedOrder:
        """The order as it stands now."""
        order_id = order if isinstance(order, UUID) else order.id
        async with self.services.db.reading(self.organization_id) as conn:
            found = await queries.find_order(conn, self.organization_id, order_id)
        assert found is not None
        return found

    async def change(self, order: LockedOrder, **values: Any) -> LockedOrder:
        await update_row(self.services, self.organization_id, "orders", order.id, **values)
        return await self.now(order)

    async def take(self, order: LockedOrder, services: Services | None = None) -> OrderTask:
        """The order in flight, as a claim would have it."""
        services = services or self.services
        lease_seconds, claim_id = services.settings.claim_lease_seconds, uuid4()
        claimed = await self.change(order, claim_id=claim_id, next_step_at=clock.now() + AN_HOUR)
        async with services.db.reading(self.organization_id) as conn:
            pharmacy = await find_pharmacy(conn, self.organization_id, self.pharmacy_id)
        data_key = await services.keyring.data_key(self.organization_id)
        due = DueOrder(order=claimed, pharmacy=pharmacy, data_key=data_key)
        return OrderTask(services=services, lease=Lease(due, claim_id, now_seconds() + lease_seconds))

    async def step(self, order: LockedOrder, services: Services | None = None) -> LockedOrder:
        """Takes the order's next step, whatever it is, and returns the order after it."""
        await jobs.take_step(await self.take(order, services))
        return await self.now(order)

    async def claim(self, services: Services | None = None) -> list[OrderTask]:
        """What a worker that has nothing in flight gets now."""
        services = services or self.services
        lease_seconds = services.settings.claim_lease_seconds
        request = ClaimRequest(
            limit=10, claim_id=uuid4(), lease_seconds=lease_seconds, organization_ids=[], share_keys=[]
        )
        ends_at = now_seconds() + lease_seconds
        claimed = await jobs.claim(services, request)
        return [OrderTask(services=services, lease=Lease(due, request.claim_id, ends_at)) for due in claimed]

    async def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.organization_id) as conn:
            return await _fetch(conn, statement, values)

    async def events(self, order: LockedOrder) -> list[tuple[str, str | None, str | None]]:
        """What was recorded of the order's case since it was created: type, value before, value after."""
        return await self.ask(
            "SELECT type, value_before, value_after FROM events WHERE case_id = %s AND type <> 'CREATE_CASE' "
            "ORDER BY case_sequence",
            order.case_id,
        )

    async def attempts(self, order: LockedOrder) -> list[tuple[str, str]]:
        return await self.ask(
            "SELECT call, outcome FROM order_attempts WHERE order_id = %s ORDER BY created_at, id", order.id
        )

    async def request_status(self, order: LockedOrder) -> tuple[str, UUID | None]:
        rows = await self.ask(
            "SELECT r.status, r.order_id FROM case_product_requests r JOIN case_products p ON p.id = r.case_product_id "
            "WHERE p.case_id = %s",
            order.case_id,
        )
        return rows[0]


async def _fetch(conn: Connection, statement: Any, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    cursor = await conn.execute(statement, values)
    return await cursor.fetchall()


async def until(met: Any) -> Any:
    """Asks `met` until it answers something true; fails after PATIENCE_SECONDS."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    while not (answer := await met()):
        assert loop.time() < deadline, "it never came to that"
        await asyncio.sleep(0.02)
    return answer
