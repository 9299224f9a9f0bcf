"""The one door from a reference to a pharmacy of the clinic."""

from carelane.clinic.errors import PharmacySettingsNotFoundError
from carelane.clinic.pharmacies.queries import ListedPharmacy, find_pharmacy
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid


async def get_pharmacy(conn: Connection, actor: Actor, ref: str) -> ListedPharmacy:
    """Raises PharmacySettingsNotFoundError."""
    pharmacy_id = parse_uuid(ref)
    found = await find_pharmacy(conn, actor.organization_id, pharmacy_id) if pharmacy_id else None
    if found is None:
        raise PharmacySettingsNotFoundError
    return found
