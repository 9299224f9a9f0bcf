"""Reads of locations for administrators, those that are not offered any more too."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.locations.desk import queries
from carelane.locations.desk.schemas import PlaceOut, PlacesOut
from carelane.locations.desk.views import show_location
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.web.paging import Wanted

NOBODY = UUID(int=0)


@requires(CATALOG_READ)
async def list_locations(services: Services, actor: Actor, wanted: Wanted) -> PlacesOut:
    """By name. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_rows(conn, wanted.values(actor.organization_id))
    return PlacesOut(locations=[show_location(row) for row in rows], total=total)


@requires(CATALOG_READ)
async def get_location(services: Services, actor: Actor, ref: str) -> PlaceOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_row(conn, actor.organization_id, parse_uuid(ref) or NOBODY)
    if row is None:
        raise RecordNotFoundError("no such location here")
    return show_location(row)
