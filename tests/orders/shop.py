"""A clinic that orders: its pharmacy, its drugs, its cases."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec

from carelane.cases.schemas import MedicationIn
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.detail.asking import create_case, read_case
from tests.factories.cases import change_case
from tests.factories.decisions import decide, prescribe
from tests.factories.pharmacies import add_drug, add_pharmacy, license_member
from tests.factories.rows import update_row
from tests.factories.staff import hire

# Events of the storefront only: the worker's tell of orders that were placed before.
_PARTS = """
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_items), (SELECT count(*) FROM idempotency_keys),
       (SELECT count(*) FROM events WHERE actor_kind = 'key')
"""


# So much that no test comes to its end by chance.
MUCH = [MedicationIn(medicine="Lisinopril 10 mg", refill_count=999)]


class Shop(msgspec.Struct, frozen=True):
    """`clinician_id` is John Smith, whom `strict_body` names as the prescriber."""

    clinic: Clinic
    client: CheckedClient
    services: Services
    pharmacy_id: UUID
    clinician_id: UUID

    @property
    def id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    async def approved_case(self, medications: list[MedicationIn] = MUCH, **members: Any) -> UUID:
        """A case whose only product the clinician has approved, from long ago and for long."""
        case_id = await create_case(self.client, self.clinic, **members)
        await change_case(self.services, self.id, case_id, status="APPROVED")
        for request_id in await self.ask(
            "SELECT r.id FROM case_product_requests r JOIN case_products k ON k.id = r.case_product_id "
            "WHERE k.case_id = %s",
            case_id,
        ):
            await update_row(self.services, self.id, "case_product_requests", request_id[0], status="APPROVED")
        await self.decide(case_id, medications=medications)
        return case_id

    async def decide(self, case_id: UUID, *, medications: list[MedicationIn] | None = None, **values: Any) -> UUID:
        """A decision on the clinic's product: an approval unless the values say otherwise."""
        usual = {"product_id": self.clinic.product_id, "is_approved": True}
        dates = {"start_date": date(2020, 1, 1), "end_date": date(2199, 12, 31)}
        decision_id = await decide(self.services, self.id, case_id, self.clinician_id, **(usual | dates | values))
        for position, medication in enumerate(medications or []):
            await prescribe(self.services, self.id, decision_id, medication, position)
        return decision_id

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
    await add_drug(services, organization_id, product_id=clinic.product_id)
    await add_drug(services, organization_id, "drug-gone", is_active=False)
    await add_drug(services, organization_id, "drug-controlled", name="Testosterone", schedule="III")
    clinician_id = await hire(services, organization_id, "John", "Smith", npi="1234567893")
    for state in ("CA", "NY"):
        await license_member(services, organization_id, clinician_id, state, "2999-12-31")
    return Shop(clinic, client, services, pharmacy_id, clinician_id)


def refusals(answer: httpx.Response) -> dict[str, str]:
    """What a 400 says of each field, and that its body is the page's."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert list(body)[:4] == ["status", "success", "message", "error"]
    assert (body["status"], body["success"], body["message"]) == (400, False, "Invalid request")
    return {problem["field"]: problem["message"] for problem in body["errors"]}
