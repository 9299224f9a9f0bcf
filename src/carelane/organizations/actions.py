"""Making and changing organizations and their credentials, in the caller's transaction; and bearer tokens for clients."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import TOKEN_LIFETIME_SECONDS, Actor, digest, issue_token, new_secret, split_scopes
from carelane.kit.db import Connection
from carelane.kit.errors import WrongCredentialError
from carelane.kit.ids import uuid7
from carelane.kit.phi import MasterKey
from carelane.organizations import queries
from carelane.organizations.access import Gatekeeper
from carelane.organizations.errors import InvalidClientError, InvalidScopeError, MasterKeyChangedError
from carelane.organizations.queries import Credential, CredentialKind, Organization
from carelane.organizations.schemas import ClientSecret, TokenOut
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services

SECRET_PREFIXES: dict[CredentialKind, str] = {"key": "cvk", "client": "cvs"}


@requires(ORGANIZATION_MANAGE)
async def save_organization(conn: Connection, actor: Actor, wanted: Organization, master_key: MasterKey) -> None:
    """Makes the actor's organization what is wanted, with its first data key if it is new. One event if it changes."""
    there = await queries.lock_organization(conn, actor.organization_id)
    if there == wanted:
        return
    await queries.save_organization(conn, wanted)
    if there is None:
        wrapped = master_key.new_wrapped_data_key(wanted.id)
        if not await queries.insert_data_key(conn, wanted.id, wrapped, master_key.fingerprint):
            raise MasterKeyChangedError
    how = "CREATED" if there is None else "CHANGED"
    await events.record(
        conn, events.new_event(actor, "ORGANIZATION_CHANGED", None, target_id=wanted.id, value_after=how)
    )


@requires(ORGANIZATION_MANAGE)
async def create_credential(
    conn: Connection,
    actor: Actor,
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
    await queries.save_credential(conn, actor.organization_id, credential)
    await _record_credential(conn, actor, credential.id, "CREATED")
    return credential.id, secret


@requires(ORGANIZATION_MANAGE)
async def update_credential(
    conn: Connection, actor: Actor, credential: Credential, name: str, scopes: Iterable[str], secret: str | None = None
) -> None:
    """Gives an active credential another name, other scopes, another secret; None: as it is. One event if it changes.

    Processes that remember the old secret let it pass for `credential_cache_seconds` more.
    """
    wanted = msgspec.structs.replace(
        credential,
        name=name,
        scopes=sorted(set(scopes)),
        secret_digest=digest(secret) if secret else credential.secret_digest,
    )
    if wanted != credential:
        await queries.save_credential(conn, actor.organization_id, wanted)
        await _record_credential(conn, actor, credential.id, "CHANGED")


@requires(ORGANIZATION_MANAGE)
async def revoke_credential(conn: Connection, actor: Actor, credential_id: UUID) -> bool:
    """Whether this call revoked it. Processes that remember the secret let it pass for `credential_cache_seconds` more."""
    is_revoked_now = await queries.claim_revocation(conn, actor.organization_id, credential_id)
    if is_revoked_now:
        await events.record(conn, events.new_event(actor, "CREDENTIAL_REVOKED", None, target_id=credential_id))
    return is_revoked_now


async def _record_credential(conn: Connection, actor: Actor, credential_id: UUID, how: str) -> None:
    event = events.new_event(actor, "CREDENTIAL_CHANGED", None, target_id=credential_id, value_after=how)
    await events.record(conn, event)


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
