"""Signing in and out, unlocking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carelane.kit import clock, passwords
from carelane.kit.auth import Actor, digest, new_secret, system_actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.organizations.queries import find_organization_id
from carelane.permissions import SESSION_OWN, STAFF_MANAGE, requires, sees_phi
from carelane.services import Services
from carelane.sessions import codes, queries
from carelane.sessions.access import SESSION_LIFETIME, PersonKind
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.queries import Account, Lockout, NewSession
from carelane.sessions.schemas import SignInIn
from carelane.staff.access import get_member
from carelane.staff.queries import Member

TOKEN_PREFIX = "cvt"  # noqa: S105 - how a token begins, no secret
LOCKOUT = Lockout(most_failures=5, lock=timedelta(minutes=15), longest_lock=timedelta(hours=24))
# A refusal is answered no sooner than this after the request came: what was done meanwhile, such as counting the failure of an
# account that exists, cannot be told from the time it took.
REFUSAL_SECONDS = 0.25


class OpenedSession(msgspec.Struct, frozen=True):
    """The token is shown once; only its digest is kept."""

    id: UUID
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "OpenedSession(***)"


class SignedIn(msgspec.Struct, frozen=True):
    account: Account
    session: OpenedSession

    def __repr__(self) -> str:
        return "SignedIn(***)"


async def sign_in(services: Services, sent: SignInIn) -> SignedIn:
    """A new session. Raises SignInRefusedError, the same for every reason, and UnavailableError."""
    async with _refused_in_time():
        async with services.db.across() as conn:
            organization_id = await find_organization_id(conn, sent.tenant)
        account = await _claim_try(services, organization_id, sent.email) if organization_id else None
        is_right = await passwords.is_right(sent.password, account.password_hash if account else None)
        if organization_id is None or account is None or not is_right:
            raise SignInRefusedError
        return await _enter(services, organization_id, account, sent)


async def _claim_try(services: Services, organization_id: UUID, email: str) -> Account | None:
    """In a transaction of its own: the try stays counted, however it ends."""
    async with services.db.transaction(system_actor(organization_id)) as conn:
        return await queries.claim_try(conn, organization_id, email, LOCKOUT, clock.now())


async def _enter(services: Services, organization_id: UUID, account: Account, sent: SignInIn) -> SignedIn:
    step = await _step_of_code(services, organization_id, account, sent.totp or "")
    new_hash = await passwords.rehashed(sent.password, account.password_hash)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        if not await queries.claim_entry(conn, organization_id, account, step, new_hash):
            raise SignInRefusedError
        return SignedIn(account, await open_session(conn, organization_id, "staff", account.id))


async def _step_of_code(services: Services, organization_id: UUID, account: Account, code: str) -> int | None:
    """The time step of the code; None for whoever needs none. Raises SignInRefusedError."""
    if account.totp_secret_sealed is None:
        if sees_phi(account.role):
            raise SignInRefusedError
        return None
    data_key = await services.keyring.data_key(organization_id)
    secret = data_key.open(account.totp_secret_sealed, codes.SECRET, account.id).decode()
    step = codes.matching_step(secret, code, clock.now())
    if step is None:
        raise SignInRefusedError
    return step


@asynccontextmanager
async def _refused_in_time() -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    answers_at = loop.time() + REFUSAL_SECONDS
    try:
        yield
    except SignInRefusedError:
        await asyncio.sleep(answers_at - loop.time())
        raise


async def open_session(
    conn: Connection,
    organization_id: UUID,
    kind: PersonKind,
    person_id: UUID,
    *,
    lifetime: timedelta = SESSION_LIFETIME,
    idle: timedelta | None = None,
) -> OpenedSession:
    """A new session, in the caller's transaction. It ends after `lifetime`, or when it was not used for `idle`."""
    now, opened_id, token = clock.now(), uuid7(), new_secret(TOKEN_PREFIX)
    session = NewSession(
        organization_id=organization_id,
        id=opened_id,
        staff_id=person_id if kind == "staff" else None,
        patient_id=person_id if kind == "patient" else None,
        token_digest=digest(token),
        expires_at=now + lifetime,
        idle_seconds=None if idle is None else int(idle.total_seconds()),
        idle_ends_at=None if idle is None else now + idle,
    )
    await queries.insert_session(conn, session)
    return OpenedSession(opened_id, token, session.expires_at)


@requires(SESSION_OWN)
async def sign_out(services: Services, actor: Actor, token: str) -> None:
    """Ends the session that the token opened."""
    async with services.db.transaction(actor) as conn:
        await queries.update_session_ended(conn, actor.organization_id, digest(token))


@requires(STAFF_MANAGE)
async def unlock_member(services: Services, actor: Actor, ref: str) -> Member:
    """Forgets the member's failures. Raises MemberNotFoundError."""
    async with services.db.transaction(actor) as conn:
        member = await get_member(conn, actor, ref)
        await queries.update_unlocked(conn, actor.organization_id, member.id)
    return msgspec.structs.replace(member, unlocks_at=None)


@requires(STAFF_MANAGE)
async def end_member_sessions(services: Services, actor: Actor, ref: str) -> int:
    """How many valid sessions of the member it ended. Raises MemberNotFoundError."""
    async with services.db.transaction(actor) as conn:
        member = await get_member(conn, actor, ref)
        return await queries.update_sessions_ended(conn, actor.organization_id, member.id)
