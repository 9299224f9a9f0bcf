"""Reads of promo_codes for administrators, those that are not offered any more too."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import CATALOG_READ, requires
from carelane.promo_codes.desk import queries
from carelane.promo_codes.desk.schemas import PromoCodeOut, PromoCodesOut
from carelane.promo_codes.desk.views import show_promo_code
from carelane.services import Services
from carelane.web.paging import Wanted

NOBODY = UUID(int=0)


@requires(CATALOG_READ)
async def list_promo_codes(services: Services, actor: Actor, wanted: Wanted) -> PromoCodesOut:
    """By code. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_rows(conn, wanted.values(actor.organization_id))
    return PromoCodesOut(promo_codes=[show_promo_code(row) for row in rows], total=total)


@requires(CATALOG_READ)
async def get_promo_code(services: Services, actor: Actor, ref: str) -> PromoCodeOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_row(conn, actor.organization_id, parse_uuid(ref) or NOBODY)
    if row is None:
        raise RecordNotFoundError("no such promo code here")
    return show_promo_code(row)
