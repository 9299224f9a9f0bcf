"""Reads of drugs for administrators, those that are not offered any more too."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import PHARMACIES_MANAGE, requires
from carelane.pharmacies.drugs import queries
from carelane.pharmacies.drugs.schemas import DrugOut, DrugsOut
from carelane.pharmacies.drugs.views import show_drug
from carelane.services import Services
from carelane.web.paging import Wanted

NOBODY = UUID(int=0)


@requires(PHARMACIES_MANAGE)
async def list_drugs(services: Services, actor: Actor, wanted: Wanted) -> DrugsOut:
    """By name. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_rows(conn, wanted.values(actor.organization_id))
    return DrugsOut(drugs=[show_drug(row) for row in rows], total=total)


@requires(PHARMACIES_MANAGE)
async def get_drug(services: Services, actor: Actor, ref: str) -> DrugOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_row(conn, actor.organization_id, parse_uuid(ref) or NOBODY)
    if row is None:
        raise RecordNotFoundError("no such drug here")
    return show_drug(row)
