"""The people at the desk, a pharmacy, and orders in any state."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from carelane.kit.ids import uuid7
from carelane.orders.queries import PRESCRIPTION
from carelane.pharmacies.schemas import PostalAddress, Prescription, RxItem, RxPatient, RxPrescriber
from carelane.services import Services
from tests.cast import Clinic
from tests.detail.asking import create_case
from tests.factories.accounts import bearer
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_drug, add_pharmacy
from tests.factories.rows import insert_row
from tests.factories.staff import hire
from tests.own_clinic import make_clinic

ORDERS = "/api/staff/orders"
MARK = "Quillon"
_HOME = PostalAddress(address_line1="1 Pier Street", city="New York", state="NY", country="US", postal_code="10004")


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic with a pharmacy. `manager` may work on orders, `support` only see them; both are request headers."""

    client: httpx.AsyncClient
    services: Services
    clinic: Clinic
    pharmacy_id: UUID
    manager_id: UUID
    manager: dict[str, str]
    support: dict[str, str]

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    async def order(self, status: str = "RECEIVED", **values: Any) -> UUID:
        """An order of a new case. No time is set for its next step, so that the worker leaves it alone."""
        case_id = values.pop("case_id", None) or await create_case(self.client, self.clinic)
        scenario = values.pop("scenario", None)
        order_id, external_id = uuid7(), uuid4()
        key = await self.services.keyring.data_key(self.organization_id)
        content = msgspec.json.encode(prescription(order_id, external_id, scenario))
        usual = {
            "id": order_id,
            "external_id": external_id,
            "status": status,
            "pharmacy_id": self.pharmacy_id,
            "pharmacy_name": "Harbor Pharmacy",
            "sealed": key.seal(content, PRESCRIPTION, order_id),
            "document_id": uuid7(),
        }
        return await place_order(self.services, self.organization_id, case_id, **(usual | values))

    async def attempt(self, order_id: UUID, **values: Any) -> UUID:
        usual = {"order_id": order_id, "call": "new_rx", "outcome": "unknown", "duration_milliseconds": 7}
        return await insert_row(self.services, self.organization_id, "order_attempts", **(usual | values))

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query, headers=self.support if headers is None else headers)

    async def act(
        self, order_id: object, name: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        shown = self.manager if headers is None else headers
        return await self.client.post(f"{ORDERS}/{order_id}/{name}", json=body, headers=shown)

    async def stands(self, order_id: object) -> dict[str, Any]:
        answer = await self.get(f"{ORDERS}/{order_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.organization_id) as conn:
            return await (await conn.execute(statement, values)).fetchall()

    async def moves(self, order_id: object) -> list[tuple[Any, ...]]:
        """What happened to the order, by whom."""
        return await self.rows(
            "SELECT type, actor_kind, actor_id, value_before, value_after FROM events WHERE target_id = %s "
            "ORDER BY case_sequence",
            order_id,
        )


async def open_counter(client: httpx.AsyncClient, services: Services, folder: Path, **pharmacy: Any) -> Counter:
    """`pharmacy` says how to reach it; the usual one cannot be reached at all."""
    clinic = await make_clinic(services, folder)
    organization_id = UUID(clinic.organization_id)
    manager_id = await hire(services, organization_id, "Mara", "Desk", role="CASEMANAGER")
    support_id = await hire(services, organization_id, "Sam", "Desk", role="SUPPORT")
    usual = {"adapter": "http", "url": "https://pharmacy.example"}
    pharmacy_id = await add_pharmacy(services, organization_id, **(usual | pharmacy))
    await add_drug(services, organization_id)
    return Counter(
        client=client,
        services=services,
        clinic=clinic,
        pharmacy_id=pharmacy_id,
        manager_id=manager_id,
        manager=await bearer(services, organization_id, manager_id),
        support=await bearer(services, organization_id, support_id),
    )


def prescription(order_id: UUID, external_id: UUID, scenario: str | None) -> Prescription:
    """Whatever tells of the patient in here holds MARK. `scenario` is for the simulator."""
    patient = RxPatient(id=uuid7(), first_name=MARK, last_name=MARK, email=f"{MARK}@patient.example")
    prescriber = RxPrescriber(
        first_name="Ada",
        last_name="Berg",
        npi="1234567893",
        email="ada@clinic.example",
        phone_number="+12125550123",
        address=_HOME,
    )
    return Prescription(
        order_id=order_id,
        external_id=external_id,
        organization_name="Own Clinic",
        pharmacy_code="pharmacy-123",
        patient=patient,
        shipping_address=_HOME,
        prescriber=prescriber,
        diagnosis=f"{MARK} fever",
        items=[RxItem(drug_id="drug-456", name="Lisinopril 10 mg tablets", quantity="30", direction=f"as {MARK} says")],
        custom_fields={"scenario": scenario} if scenario else None,
        placed_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
