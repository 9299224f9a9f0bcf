"""The one door to a key or client that is good."""

from carelane.clinic.credentials.queries import DatedCredential, lock_credential, lock_credentials
from carelane.clinic.errors import CredentialNotFoundError
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid


async def lock_good(conn: Connection, actor: Actor, ref: str) -> DatedCredential:
    """Raises CredentialNotFoundError."""
    credential_id = parse_uuid(ref)
    if credential_id is None:
        raise CredentialNotFoundError
    await lock_credentials(conn, actor.organization_id)
    found = await lock_credential(conn, actor.organization_id, credential_id)
    if found is None or found.is_revoked:
        raise CredentialNotFoundError
    return found
