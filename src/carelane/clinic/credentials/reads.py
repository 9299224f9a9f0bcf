"""Reads of keys and clients."""

from carelane.clinic.credentials.queries import find_credential
from carelane.clinic.credentials.queries import list_credentials as query_credentials
from carelane.clinic.credentials.schemas import CredentialOut, CredentialsOut
from carelane.clinic.credentials.views import credential_out
from carelane.clinic.errors import CredentialNotFoundError
from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def list_credentials(services: Services, actor: Actor) -> CredentialsOut:
    """Those that are good, then those that were revoked, the newest of these first. No secrets."""
    async with services.db.reading(actor.organization_id) as conn:
        return CredentialsOut([credential_out(row) for row in await query_credentials(conn, actor.organization_id)])


@requires(ORGANIZATION_MANAGE)
async def get_credential(services: Services, actor: Actor, ref: str) -> CredentialOut:
    """One that is good. No secret. Raises CredentialNotFoundError."""
    credential_id = parse_uuid(ref)
    if credential_id is None:
        raise CredentialNotFoundError
    async with services.db.reading(actor.organization_id) as conn:
        found = await find_credential(conn, actor.organization_id, credential_id)
    if found is None or found.is_revoked:
        raise CredentialNotFoundError
    return credential_out(found)
