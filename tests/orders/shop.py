"""A clinic that orders: its pharmacy, its drugs, its cases."""

from typing import Any
from uuid import UUID

import httpx
import msgspec

from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.detail.asking import create_case, read_case
from tests.factories.cases import change_case
from tests.factories.pharmacies import add_drug, add_pharmacy
from tests.factories.rows import update_row

# Events of the storefront only: the worker's tell of orders that were placed before.
_PARTS = """
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_items), (SELECT count(*) FROM idempotency_keys),
       (SELECT count(*) FROM events WHERE actor_kind = 'key')
"""


class Shop(msgspec.Struct, frozen=True):
    clinic: Clinic
    client: CheckedClient
    services: Services
    pharmacy_id: UUID

    @property
    def id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    async def approved_case(self, **members: Any) -> UUID:
        """A case whose only product a clinician has approved."""
        case_id = await create_case(self.client, self.clinic, **members)
        await change_case(self.services, self.id, case_id, status="APPROVED")
        for request_id in await self.ask(
            "SELECT r.id FROM case_product_requests r JOIN case_products k ON k.id = r.case_product_id "
            "WHERE k.case_id = %s",
            case_id,
        ):
            await update_row(self.services, self.id, "case_product_requests", request_id[0], status="APPROVED")
        return case_id

    async def place(
        self, case_id: UUID | str, body: Any, key: str | None = None, query: str = "", **headers: str
    ) -> httpx.Response:
        """Sends the body; `key` is the header Idempotency-Key."""
        sent = self.clinic.key | headers | ({"Idempotency-Key": key} if key is not None else {})
        return await self.client.post(f"/api/v1/cases/{case_id}{query}", json=body, headers=sent)

    async def placed(self, case_id: UUID, body: Any, **more: Any) -> UUID:
        answer = await self.place(case_id, body, **more)
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["data"]["order"]["id"])

    async def orders_of(self, case_id: UUID) -> list[dict[str, Any]]:
        """As the case detail shows them."""
        return (await read_case(self.client, self.clinic, case_id, includeOrders="true"))["orders"]

    async def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.id) as conn:
            return await (await conn.execute(statement.encode(), values)).fetchall()

    async def counts(self) -> tuple[Any, ...]:
        """How many rows of each kind the clinic has that an order writes."""
        return (await self.ask(_PARTS))[0]


async def open_shop(client: CheckedClient, services: Services, clinic: Clinic) -> Shop:
    organization_id = UUID(clinic.organization_id)
    pharmacy_id = await add_pharmacy(services, organization_id)
    await add_pharmacy(services, organization_id, "pharmacy-closed", is_active=False)
    await add_drug(services, organization_id)
    await add_drug(services, organization_id, "drug-gone", is_active=False)
    await add_drug(services, organization_id, "drug-controlled", name="Testosterone", schedule="III")
    return Shop(clinic, client, services, pharmacy_id)


def refusals(answer: httpx.Response) -> dict[str, str]:
    """What a 400 says of each field, and that its body is the page's."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert list(body)[:4] == ["status", "success", "message", "error"]
    assert (body["status"], body["success"], body["message"]) == (400, False, "Invalid request")
    return {problem["field"]: problem["message"] for problem in body["errors"]}
