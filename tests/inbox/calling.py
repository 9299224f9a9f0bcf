"""A pharmacy that calls back: signs its messages as our documented protocol says, and looks at what became of them."""

import hashlib
import hmac
import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from carelane.services import Services
from tests.cast import Clinic
from tests.detail.asking import create_case
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_pharmacy

SECRET = b"shared secret of the pharmacy"


def signature(body: bytes, secret: bytes = SECRET, second: int | None = None) -> str:
    """Written from the protocol's description, not with the code under test."""
    moment = str(int(time.time()) if second is None else second)
    return f"t={moment},v1={hmac.new(secret, moment.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


class PharmacyCaller(msgspec.Struct, frozen=True):
    client: httpx.AsyncClient
    services: Services
    clinic: Clinic
    pharmacy_id: UUID

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    async def order(self, status: str = "SENT", **values: Any) -> tuple[UUID, UUID]:
        """An order that this pharmacy has: our id of it, and what the pharmacy knows it by."""
        case_id = await create_case(self.client, self.clinic)
        external_id = uuid4()
        usual = {"status": status, "external_id": external_id, "pharmacy_id": self.pharmacy_id}
        return await place_order(self.services, self.organization_id, case_id, **(usual | values)), external_id

    async def call(self, message: dict[str, Any], secret: bytes = SECRET) -> httpx.Response:
        body = msgspec.json.encode(message)
        return await self.send(body, signature(body, secret))

    async def send(self, body: bytes, signed: str | None, pharmacy: str | None = None) -> httpx.Response:
        headers = {"content-type": "application/json"} | ({"carelane-signature": signed} if signed else {})
        return await self.client.post(
            f"/pharmacies/{pharmacy or self.pharmacy_id}/callbacks", content=body, headers=headers
        )

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.organization_id) as conn:
            return await (await conn.execute(statement, values)).fetchall()

    async def status_of(self, order_id: UUID) -> str:
        return (await self.rows("SELECT status FROM orders WHERE id = %s", order_id))[0][0]

    async def kept(self, message_id: str) -> list[tuple[Any, ...]]:
        return await self.rows(
            "SELECT status, order_id FROM pharmacy_callbacks WHERE pharmacy_id = %s AND message_id = %s",
            self.pharmacy_id,
            message_id,
        )


async def open_pharmacy(client: httpx.AsyncClient, services: Services, clinic: Clinic, **values: Any) -> PharmacyCaller:
    usual = {"code": f"p-{uuid4().hex}", "adapter": "http", "url": "https://pharmacy.example"}
    pharmacy_id = await add_pharmacy(services, UUID(clinic.organization_id), **(usual | values))
    return PharmacyCaller(client, services, clinic, pharmacy_id)


def message(external_id: UUID | None, status: str, **members: Any) -> dict[str, Any]:
    return {"messageId": uuid4().hex, "externalId": external_id and str(external_id), "status": status} | members
