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
from carelane.kit.errors import RateLimitedError
from carelane.kit.ids import uuid7
from carelane.organizations.limits import AddressLimiter
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
DEVICE_PREFIX = "cvd"
# The devices that a member used last.
MAX_DEVICES = 20
LOCKOUT = Lockout(most_failures=5, lock=timedelta(minutes=15), longest_lock=timedelta(hours=24))
# The failures of an address are counted over so long.
SIGN_IN_WINDOW = timedelta(minutes=15)
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


class Caller(msgspec.Struct, frozen=True):
    """Where a try comes from: its address, whose failures `failures` counts, and what it shows to be a known device."""

    address: str
    failures: AddressLimiter
    most_failures: int
    device: str | None = None

    def __repr__(self) -> str:
        return "Caller(***)"


class SignedIn(msgspec.Struct, frozen=True):
    """`device` is what the caller is known by from now on."""

    account: Account
    session: OpenedSession
    device: str

    def __repr__(self) -> str:
        return "SignedIn(***)"


async def sign_in(services: Services, sent: SignInIn, caller: Caller) -> SignedIn:
    """A new session. Raises SignInRefusedError, the same for every reason, RateLimitedError and UnavailableError.

    The turn comes before the try is counted: nobody loses a try to a queue that others fill.
    """
    async with _refused_in_time():
        async with services.db.across() as conn:
            organization_id = await find_organization_id(conn, sent.tenant)
        async with passwords.turn(caller.address):
            account = await _claim_known_try(services, organization_id, sent.email, caller)
            if account is not None:
                return await _judge(services, organization_id, account, sent, caller)
            _count(caller)
            account = await _claim_try(services, organization_id, sent.email)
            signed_in = await _judge(services, organization_id, account, sent, caller)
        caller.failures.give_back(caller.address)
        return signed_in


def _count(caller: Caller) -> None:
    """A failure of the address, until it turns out to be none. Raises RateLimitedError."""
    rate = caller.failures.take(caller.address, caller.most_failures)
    if rate.is_refused:
        raise RateLimitedError(max(1, rate.resets_at - int(clock.now().timestamp())))


async def _claim_known_try(
    services: Services, organization_id: UUID | None, email: str, caller: Caller
) -> Account | None:
    """The account whose owner signed in with this device before. Whatever strangers do, this device has tries of its own."""
    if organization_id is None or not caller.device:
        return None
    async with services.db.transaction(system_actor(organization_id)) as conn:
        return await queries.claim_device_try(conn, organization_id, email, digest(caller.device), LOCKOUT, clock.now())


async def _claim_try(services: Services, organization_id: UUID | None, email: str) -> Account | None:
    """In a transaction of its own: the try stays counted, however it ends."""
    if organization_id is None:
        return None
    async with services.db.transaction(system_actor(organization_id)) as conn:
        return await queries.claim_try(conn, organization_id, email, LOCKOUT, clock.now())


async def _judge(
    services: Services, organization_id: UUID | None, account: Account | None, sent: SignInIn, caller: Caller
) -> SignedIn:
    is_right = await passwords.is_right(sent.password, account.password_hash if account else None)
    if organization_id is None or account is None or not is_right:
        raise SignInRefusedError
    return await _enter(services, organization_id, account, sent, caller)


async def _enter(
    services: Services, organization_id: UUID, account: Account, sent: SignInIn, caller: Caller
) -> SignedIn:
    now = clock.now()
    step = await _step_of_code(services, organization_id, account, sent.totp or "", now)
    new_hash = await passwords.rehashed(sent.password, account.password_hash)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        if not await queries.claim_entry(conn, organization_id, account, step, codes.latest_step(now), new_hash):
            raise SignInRefusedError
        device = await _know_device(conn, organization_id, account, caller)
        return SignedIn(account, await open_session(conn, organization_id, "staff", account.id), device)


async def _know_device(conn: Connection, organization_id: UUID, account: Account, caller: Caller) -> str:
    if account.device_id is not None and caller.device:
        await queries.set_device_used(conn, organization_id, account.device_id)
        return caller.device
    device = new_secret(DEVICE_PREFIX)
    await queries.insert_device(conn, organization_id, uuid7(), account.id, digest(device), MAX_DEVICES)
    return device


async def _step_of_code(
    services: Services, organization_id: UUID, account: Account, code: str, now: datetime
) -> int | None:
    """The time step of the code; None for whoever needs none. Raises SignInRefusedError."""
    if account.totp_secret_sealed is None:
        if sees_phi(account.role):
            raise SignInRefusedError
        return None
    data_key = await services.keyring.data_key(organization_id)
    secret = data_key.open(account.totp_secret_sealed, codes.SECRET, account.id).decode()
    step = codes.matching_step(secret, code, now)
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
    """How many valid sessions of the member it ended; no device is known any more. Raises MemberNotFoundError."""
    async with services.db.transaction(actor) as conn:
        member = await get_member(conn, actor, ref)
        await queries.delete_devices(conn, actor.organization_id, member.id)
        return await queries.update_sessions_ended(conn, actor.organization_id, member.id)
