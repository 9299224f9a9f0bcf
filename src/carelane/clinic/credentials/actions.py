"""Making, changing, rotating and revoking keys and clients."""

from uuid import UUID

from carelane.clinic.credentials.access import lock_good
from carelane.clinic.credentials.queries import DatedCredential, find_is_taken, lock_credential, lock_credentials
from carelane.clinic.credentials.schemas import (
    CredentialIn,
    CredentialOut,
    CredentialPatch,
    CredentialSecretOut,
    scope_problems,
)
from carelane.clinic.credentials.views import credential_out, with_secret
from carelane.kit.auth import Actor, new_secret
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.ids import uuid7
from carelane.organizations import actions as organizations
from carelane.organizations.actions import SECRET_PREFIXES
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(ORGANIZATION_MANAGE)
async def create_credential(
    services: Services, actor: Actor, body: CredentialIn, request_key: RequestKey | None
) -> CredentialSecretOut:
    """Its secret is in the answer, this once. Raises RuleBrokenError, and what `run_once` raises."""
    refuse(scope_problems(body.scopes))

    async def act(conn: Connection) -> CredentialSecretOut:
        await lock_credentials(conn, actor.organization_id)
        made = uuid7()
        await _require_free(conn, actor, body.kind, body.name, made)
        _, secret = await organizations.create_credential(
            conn, actor, body.kind, body.name, body.scopes, credential_id=made
        )
        return with_secret(await _get(conn, actor, made), secret)

    return await run_once(services, actor, request_key, act)


@requires(ORGANIZATION_MANAGE)
async def change_credential(
    services: Services, actor: Actor, ref: str, body: CredentialPatch, request_key: RequestKey | None
) -> CredentialOut:
    """Another name, other scopes. Raises CredentialNotFoundError, RuleBrokenError, ChangedMeanwhileError, and what `run_once`
    raises."""
    refuse(scope_problems(body.scopes))

    async def act(conn: Connection) -> CredentialOut:
        there = await lock_good(conn, actor, ref)
        require_same(body.version, credential_out(there).version)
        await _require_free(conn, actor, there.kind, body.name, there.id)
        await organizations.update_credential(conn, actor, there.plain(), body.name, body.scopes)
        return credential_out(await _get(conn, actor, there.id))

    return await run_once(services, actor, request_key, act)


@requires(ORGANIZATION_MANAGE)
async def rotate_credential(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None
) -> CredentialSecretOut:
    """Another secret, in the answer this once; the one before is good no more within `credential_cache_seconds`. Raises
    CredentialNotFoundError, and what `run_once` raises."""

    async def act(conn: Connection) -> CredentialSecretOut:
        there = await lock_good(conn, actor, ref)
        secret = new_secret(SECRET_PREFIXES[there.kind])
        await organizations.update_credential(conn, actor, there.plain(), there.name, there.scopes, secret)
        return with_secret(await _get(conn, actor, there.id), secret)

    return await run_once(services, actor, request_key, act)


@requires(ORGANIZATION_MANAGE)
async def revoke_credential(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None
) -> CredentialOut:
    """For good. Raises CredentialNotFoundError, and what `run_once` raises."""

    async def act(conn: Connection) -> CredentialOut:
        there = await lock_good(conn, actor, ref)
        await organizations.revoke_credential(conn, actor, there.id)
        return credential_out(await _get(conn, actor, there.id))

    return await run_once(services, actor, request_key, act)


async def _require_free(conn: Connection, actor: Actor, kind: str, name: str, but_id: UUID) -> None:
    if await find_is_taken(conn, actor.organization_id, kind, name, but_id):
        refuse([FieldProblem("name", f"another {kind} goes by this name; revoke it, or choose another name")])


async def _get(conn: Connection, actor: Actor, credential_id: UUID) -> DatedCredential:
    found = await lock_credential(conn, actor.organization_id, credential_id)
    if found is None:
        raise LookupError("the credential is gone")
    return found
