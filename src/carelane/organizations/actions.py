"""What is done to organizations and their credentials. Each act runs in the caller's transaction.

None of these acts records an event: events tell of what happens within an organization, to its cases.
"""

from collections.abc import Iterable
from uuid import UUID

from carelane.kit.auth import digest, new_secret
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.kit.phi import MasterKey
from carelane.organizations import queries
from carelane.organizations.queries import Credential, CredentialKind, Organization

SECRET_PREFIXES: dict[CredentialKind, str] = {"key": "cvk", "client": "cvs"}


async def create_organization(conn: Connection, master_key: MasterKey, organization: Organization) -> None:
    """Writes the organization and its first data key."""
    await queries.save_organization(conn, organization)
    await queries.insert_data_key(conn, organization.id, master_key.new_wrapped_data_key(organization.id))


async def create_credential(
    conn: Connection,
    organization_id: UUID,
    kind: CredentialKind,
    name: str,
    scopes: Iterable[str],
    *,
    credential_id: UUID | None = None,
    secret: str | None = None,
) -> tuple[UUID, str]:
    """The id of the new credential and its secret, which is made here unless given and cannot be read again later."""
    secret = secret or new_secret(SECRET_PREFIXES[kind])
    credential = Credential(
        id=credential_id or uuid7(), kind=kind, name=name, secret_digest=digest(secret), scopes=sorted(set(scopes))
    )
    await queries.save_credential(conn, organization_id, credential)
    return credential.id, secret


async def revoke_credential(conn: Connection, organization_id: UUID, credential_id: UUID) -> bool:
    """Whether this call revoked it. Processes that remember the secret let it pass for `credential_cache_seconds` more."""
    return await queries.claim_revocation(conn, organization_id, credential_id)
