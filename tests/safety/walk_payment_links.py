"""The tenant walk's part about the links to payments."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from carelane.services import Services


async def payment_of(services: Services, organization_id: UUID, case_id: UUID) -> UUID:
    """That of the victim's case."""
    async with services.db.reading(organization_id) as conn:
        statement = "SELECT id FROM payments WHERE organization_id = %s AND case_id = %s"
        found: UUID = (await (await conn.execute(statement, (organization_id, case_id))).fetchall())[0][0]
    return found


def walk_payment_links(
    payment_id: UUID, administrator: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's ids, the other's credentials."""
    route = "/api/staff/payments/{payment_id}/send-link"
    yield f"POST {route}", ("POST", route.format(payment_id=payment_id), {"headers": administrator})
