"""Pharmacies and drugs, as `carelane apply` would write them."""

from typing import Any
from uuid import UUID

from carelane.kit.ids import uuid7
from carelane.pharmacies.queries import SECRET
from carelane.services import Services
from tests.factories.rows import insert_link, insert_row


async def add_pharmacy(services: Services, organization_id: UUID, code: str = "pharmacy-123", **values: Any) -> UUID:
    """A pharmacy behind the simulator's adapter, unless the values say otherwise."""
    pharmacy_id = uuid7()
    key = await services.keyring.data_key(organization_id)
    usual = {"code": code, "name": "Harbor Pharmacy", "adapter": "simulator"}
    sealed = key.seal(b"shared secret of the pharmacy", SECRET, pharmacy_id)
    row = {"id": pharmacy_id, "secret_sealed": sealed} | usual | values
    return await insert_row(services, organization_id, "pharmacies", **row)


async def add_drug(services: Services, organization_id: UUID, code: str = "drug-456", **values: Any) -> UUID:
    usual = {"code": code, "name": "Lisinopril 10 mg tablets", "ndc": "00000-0456-30"}
    return await insert_row(services, organization_id, "drugs", **(usual | values))


async def license_member(
    services: Services, organization_id: UUID, staff_id: UUID, state: str, expires_on: str
) -> None:
    """A licence of a member of staff, good until the end of that day."""
    await insert_link(
        services,
        organization_id,
        "staff_licenses",
        staff_id=staff_id,
        state=state,
        number=f"{state}-1",
        expires_on=expires_on,
    )
