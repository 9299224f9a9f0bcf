"""Reads of taxes. Archived ones are not there."""

from carelane.kit.auth import Actor
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.taxes import queries
from carelane.taxes.schemas import MAX_TAXES, TaxOut


@requires(CATALOG_READ)
async def list_taxes(services: Services, actor: Actor) -> list[TaxOut]:
    """By name."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_taxes(conn, actor.organization_id, MAX_TAXES)
