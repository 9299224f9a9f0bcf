"""Reads of keys and clients."""

from carelane.clinic.credentials.queries import list_credentials as query_credentials
from carelane.clinic.credentials.schemas import CredentialsOut
from carelane.clinic.credentials.views import credential_out
from carelane.kit.auth import Actor
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def list_credentials(services: Services, actor: Actor) -> CredentialsOut:
    """Those that are good, then those that were revoked, the newest of these first. No secrets."""
    async with services.db.reading(actor.organization_id) as conn:
        return CredentialsOut([credential_out(row) for row in await query_credentials(conn, actor.organization_id)])
