"""Reads of taxes for administrators, those that are not offered any more too."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.taxes.desk import queries
from carelane.taxes.desk.schemas import RaisedTaxesOut, RaisedTaxOut
from carelane.taxes.desk.views import show_tax
from carelane.web.paging import Wanted

NOBODY = UUID(int=0)


@requires(CATALOG_READ)
async def list_taxes(services: Services, actor: Actor, wanted: Wanted) -> RaisedTaxesOut:
    """By name. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_rows(conn, wanted.values(actor.organization_id))
    return RaisedTaxesOut(taxes=[show_tax(row) for row in rows], total=total)


@requires(CATALOG_READ)
async def get_tax(services: Services, actor: Actor, ref: str) -> RaisedTaxOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_row(conn, actor.organization_id, parse_uuid(ref) or NOBODY)
    if row is None:
        raise RecordNotFoundError("no such tax here")
    return show_tax(row)
