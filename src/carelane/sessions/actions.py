"""Signing in, and showing a password again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carelane.kit import clock, passwords
from carelane.kit.auth import Actor, digest, new_secret, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RateLimitedError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.organizations.queries import find_organization_id
from carelane.permissions import sees_phi
from carelane.services import Services
from carelane.sessions import codes, queries
from carelane.sessions.access import SESSION_LIFETIME, Caller, PersonKind
from carelane.sessions.errors import PasswordWrongError, SignInRefusedError
from carelane.sessions.queries import Account, Lockout, NewSession
from carelane.sessions.schemas import SignInIn
from carelane.sessions.second_factor.queries import claim_recovery_code
from carelane.staff.actions import record_change
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


class SignedIn(msgspec.Struct, frozen=True):
    """`device` is what the caller is known by from now on."""

    account: Account
    session: OpenedSession
    device: str

    def __repr__(self) -> str:
        return "SignedIn(***)"


class WithoutSecondFactor(msgspec.Struct, frozen=True):
    """The password was right, and the member has to set up a second factor before anything opens."""

    organization_id: UUID
    account: Account

    def __repr__(self) -> str:
        return "WithoutSecondFactor(***)"


async def sign_in(services: Services, sent: SignInIn, caller: Caller) -> SignedIn:
    """As `enter`, for who sets nothing up: without the second factor that the role needs, it is refused like everything."""
    async with _refused_in_time():
        entered = await _enter(services, sent, caller)
        if isinstance(entered, WithoutSecondFactor):
            raise SignInRefusedError
        return entered


async def enter(services: Services, sent: SignInIn, caller: Caller) -> SignedIn | WithoutSecondFactor:
    """A new session. Raises SignInRefusedError, the same for every reason, RateLimitedError and UnavailableError.

    The turn comes before the try is counted: nobody loses a try to a queue that others fill.
    """
    async with _refused_in_time():
        return await _enter(services, sent, caller)


async def _enter(services: Services, sent: SignInIn, caller: Caller) -> SignedIn | WithoutSecondFactor:
    async with services.db.across() as conn:
        organization_id = await find_organization_id(conn, sent.tenant)
    async with _judged(services, organization_id, sent.email, sent.password, caller) as account:
        if organization_id is None:
            raise SignInRefusedError
        return await _open(services, organization_id, account, sent, caller)


async def confirm_password(
    services: Services, member: Member, organization_id: UUID, password: str, caller: Caller, field: str
) -> Account:
    """That whoever is signed in as the member knows the password. A wrong one counts as a try to sign in does.

    Raises PasswordWrongError that names `field`, RateLimitedError and UnavailableError.
    """
    try:
        async with _refused_in_time(), _judged(services, organization_id, member.email, password, caller) as account:
            async with services.db.transaction(system_actor(organization_id)) as conn:
                if not await queries.claim_entry(conn, organization_id, account, None, 0, None):
                    raise SignInRefusedError
                if account.device_id is not None:
                    await queries.set_device_used(conn, organization_id, account.device_id)
            return account
    except SignInRefusedError:
        raise password_wrong(field) from None


def password_wrong(field: str) -> PasswordWrongError:
    """Of the current password that was sent in `field`."""
    return PasswordWrongError(
        problems=[FieldProblem(field, "expected the current password; after too many failures, wait")]
    )


@asynccontextmanager
async def _judged(
    services: Services, organization_id: UUID | None, email: str, password: str, caller: Caller
) -> AsyncIterator[Account]:
    """The account whose password this is, in the caller's turn. A try that ends with an error stays counted as a failure."""
    async with passwords.turn(caller.address):
        account = await _claim_known_try(services, organization_id, email, caller)
        is_counted = account is None
        if account is None:
            count_failure(caller)
            account = await _claim_try(services, organization_id, email)
        is_right = await passwords.is_right(password, account.password_hash if account else None)
        if account is None or not is_right:
            raise SignInRefusedError
        yield account
    if is_counted:
        caller.failures.give_back(caller.address)


def count_failure(caller: Caller) -> None:
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


async def _open(
    services: Services, organization_id: UUID, account: Account, sent: SignInIn, caller: Caller
) -> SignedIn | WithoutSecondFactor:
    now, step, recovery = clock.now(), None, None
    lacks_factor = account.totp_secret_sealed is None and sees_phi(account.role)
    if account.totp_secret_sealed is not None:
        data_key = await services.keyring.data_key(organization_id)
        if sent.recovery_code:
            recovery = codes.recovery_digest(data_key, account.id, sent.recovery_code)
        else:
            step = _step_of_code(data_key, account, sent.totp or "", now)
    new_hash = await passwords.rehashed(sent.password, account.password_hash)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        if not await queries.claim_entry(conn, organization_id, account, step, codes.latest_step(now), new_hash):
            raise SignInRefusedError
        if recovery is not None:
            await _use_recovery_code(conn, organization_id, account, recovery)
        if lacks_factor:
            return WithoutSecondFactor(organization_id, account)
        return await let_in(conn, organization_id, account, caller)


async def _use_recovery_code(conn: Connection, organization_id: UUID, account: Account, recovery: bytes) -> None:
    """One use of each. Raises SignInRefusedError: then nothing of the transaction stays."""
    if not await claim_recovery_code(conn, organization_id, account.id, recovery):
        raise SignInRefusedError
    owner = Actor(organization_id, "staff", account.id)
    await record_change(conn, owner, account.id, "RECOVERY_CODE_USED")


async def let_in(conn: Connection, organization_id: UUID, account: Account, caller: Caller) -> SignedIn:
    """A session for the member, in the transaction in which who it is was found."""
    device = await _know_device(conn, organization_id, account, caller)
    if caller.language is not None:
        await queries.set_language(conn, organization_id, account.id, caller.language)
    session = await open_session(conn, organization_id, "staff", account.id, idle=caller.idle, agent=caller.agent)
    return SignedIn(account, session, device)


async def _know_device(conn: Connection, organization_id: UUID, account: Account, caller: Caller) -> str:
    if account.device_id is not None and caller.device:
        await queries.set_device_used(conn, organization_id, account.device_id)
        return caller.device
    device = new_secret(DEVICE_PREFIX)
    await queries.insert_device(conn, organization_id, uuid7(), account.id, digest(device), MAX_DEVICES)
    return device


def _step_of_code(data_key: DataKey, account: Account, code: str, now: datetime) -> int:
    """The time step of the code. Raises SignInRefusedError."""
    assert account.totp_secret_sealed is not None
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
    agent: str | None = None,
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
        agent=agent,
    )
    await queries.insert_session(conn, session)
    return OpenedSession(opened_id, token, session.expires_at)
