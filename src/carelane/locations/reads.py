"""Reads of locations. Archived ones are not there."""

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.locations import queries
from carelane.locations.schemas import MAX_PUBLIC, LocationFilters, LocationOut, LocationPageOut, PublicLocationOut
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.web.paging import Page


@requires(CATALOG_READ)
async def list_locations(services: Services, actor: Actor, filters: LocationFilters, page: Page) -> LocationPageOut:
    """One page of those that fit the filters."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_locations(conn, actor.organization_id, filters, page)


@requires(CATALOG_READ)
async def list_public_locations(services: Services, actor: Actor) -> list[PublicLocationOut]:
    """By name, at most MAX_PUBLIC."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_public(conn, actor.organization_id, MAX_PUBLIC)


@requires(CATALOG_READ)
async def get_location(services: Services, actor: Actor, ref: str) -> LocationOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_location(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if found is None:
        raise RecordNotFoundError(f"no location {ref} here")
    return found
