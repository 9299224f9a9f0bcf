"""Reads of staff in the billing dialect."""

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.staff.billing import queries
from carelane.staff.billing.schemas import ProviderOut


@requires(CATALOG_READ)
async def list_providers(services: Services, actor: Actor) -> list[ProviderOut]:
    """Who works here now."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_providers(conn, actor.organization_id)


@requires(CATALOG_READ)
async def get_provider(services: Services, actor: Actor, ref: str) -> ProviderOut:
    """Also who works here no more. Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_provider(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if found is None:
        raise RecordNotFoundError(f"no provider {ref} here")
    return found
