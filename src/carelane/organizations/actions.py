"""What is done to organizations and their credentials, and with a client's credential.

The acts on organizations run in the caller's transaction. None records an event: events tell of what happens within an
organization.
"""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane.kit.auth import TOKEN_LIFETIME_SECONDS, Actor, digest, issue_token, new_secret, split_scopes
from carelane.kit.db import Connection
from carelane.kit.errors import WrongCredentialError
from carelane.kit.ids import uuid7
from carelane.kit.phi import MasterKey
from carelane.organizations import queries
from carelane.organizations.access import Gatekeeper
from carelane.organizations.errors import InvalidClientError, InvalidScopeError
from carelane.organizations.queries import Credential, CredentialKind, Organization
from carelane.organizations.schemas import ClientSecret, TokenOut
from carelane.services import Services

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


async def issue_client_token(
    services: Services, gatekeeper: Gatekeeper, client: ClientSecret, scope: str | None
) -> TokenOut:
    """A bearer token for the client, for all that it may do or, with `scope`, for less.

    Raises InvalidClientError, InvalidScopeError.
    """
    actor = _narrowed(await _authenticate(gatekeeper, client), scope)
    return TokenOut(
        access_token=issue_token(services.token_key, actor),
        token_type="Bearer",  # noqa: S106 - the kind of token
        expires_in=TOKEN_LIFETIME_SECONDS,
        scope=" ".join(sorted(actor.scopes)),
    )


async def _authenticate(gatekeeper: Gatekeeper, client: ClientSecret) -> Actor:
    try:
        actor = await gatekeeper.actor_for(client.secret, "client", None)
    except WrongCredentialError:
        raise InvalidClientError from None
    if actor.id != client.client_id:
        raise InvalidClientError
    return actor


def _narrowed(actor: Actor, scope: str | None) -> Actor:
    wanted = actor.scopes if scope is None else split_scopes(scope)
    if not wanted <= actor.scopes:
        raise InvalidScopeError(f"the client has {' '.join(sorted(actor.scopes)) or 'no scope'}")
    return msgspec.structs.replace(actor, scopes=wanted)
