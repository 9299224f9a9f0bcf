"""Reads of a clinic's pharmacies."""

from carelane.clinic.pharmacies.access import get_pharmacy as find
from carelane.clinic.pharmacies.queries import list_pharmacies as query_pharmacies
from carelane.clinic.pharmacies.schemas import PharmaciesSettingsOut, PharmacySettingsOut
from carelane.clinic.pharmacies.views import pharmacy_out
from carelane.kit.auth import Actor
from carelane.permissions import PHARMACIES_MANAGE, requires
from carelane.services import Services


@requires(PHARMACIES_MANAGE)
async def list_pharmacies(services: Services, actor: Actor) -> PharmaciesSettingsOut:
    """Those that are switched on first. No secrets."""
    async with services.db.reading(actor.organization_id) as conn:
        return PharmaciesSettingsOut([pharmacy_out(row) for row in await query_pharmacies(conn, actor.organization_id)])


@requires(PHARMACIES_MANAGE)
async def get_pharmacy(services: Services, actor: Actor, ref: str) -> PharmacySettingsOut:
    """Raises PharmacySettingsNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        return pharmacy_out(await find(conn, actor, ref))
