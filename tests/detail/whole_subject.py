"""The case that the tests of the whole shape build up, and what its detail must then be."""

from typing import Any
from uuid import UUID

import msgspec

from carelane.services import Services
from tests.cast import Clinic
from tests.detail.matching import person

MORNING, NOON, EVENING = "2026-03-01T08:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T18:30:15.250000Z"


class WholeCase(msgspec.Struct, kw_only=True):
    """The case, who works on it, and what its detail must be."""

    services: Services
    clinic: Clinic
    id: UUID
    ada: UUID
    ben: UUID
    patient: dict[str, Any] = {}
    expected: dict[str, Any] = {}

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    @property
    def here(self) -> tuple[Services, UUID, UUID]:
        """The first three arguments of most factories."""
        return self.services, self.organization_id, self.id


async def ask_one(case: WholeCase, statement: Any, *values: Any) -> Any:
    async with case.services.db.reading(case.organization_id) as conn:
        return await (await conn.execute(statement, values)).fetchone()


async def named(case: WholeCase, staff_id: UUID) -> dict[str, Any]:
    """A member of staff with name and e-mail."""
    first, last, email = await ask_one(case, "SELECT first_name, last_name, email FROM staff WHERE id = %s", staff_id)
    return person(staff_id, first, last) | {"email": email}
