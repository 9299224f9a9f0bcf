"""Members of staff. They take no cases unless told to, so that no other test's case is assigned to them."""

from datetime import date
from typing import Any
from uuid import UUID

from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.rows import insert_link, insert_row


async def hire(services: Services, organization_id: UUID, first_name: str, last_name: str, **values: Any) -> UUID:
    staff_id = uuid7()
    usual = {"email": f"{staff_id.hex}@staff.example", "role": "CASEWORKER", "takes_cases": False}
    names = {"id": staff_id, "first_name": first_name, "last_name": last_name}
    return await insert_row(services, organization_id, "staff", **(usual | names | values))


async def add_license(
    services: Services, organization_id: UUID, staff_id: UUID, state: str, expires_on: date = date(2199, 12, 31)
) -> None:
    """A licence to prescribe in `state`, good until the end of that day."""
    values = {"staff_id": staff_id, "state": state, "number": f"{state}-1", "expires_on": expires_on}
    await insert_link(services, organization_id, "staff_licenses", **values)
