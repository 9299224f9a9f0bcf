"""Setting up and renewing a second factor and its recovery codes."""

from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.auth import Actor, digest, system_actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.permissions import OF_ROLE, SESSION_OWN, requires
from carelane.services import Services
from carelane.sessions import codes
from carelane.sessions.access import Caller
from carelane.sessions.actions import SignedIn, confirm_password, let_in
from carelane.sessions.own.queries import set_others_ended
from carelane.sessions.queries import Account
from carelane.sessions.second_factor import queries
from carelane.sessions.second_factor.access import Ticket, fingerprint_of
from carelane.sessions.second_factor.errors import CodeWrongError, NothingPendingError
from carelane.sessions.second_factor.queries import Owner
from carelane.sessions.second_factor.reads import find_owner_of
from carelane.staff.actions import record_change
from carelane.staff.reads import get_me


class Protected(msgspec.Struct, frozen=True):
    """The recovery codes, to be shown this once; and the session of who set up the first second factor."""

    recovery_codes: list[str]
    signed_in: SignedIn | None = None

    def __repr__(self) -> str:
        return "Protected(***)"


async def begin_first(services: Services, organization_id: UUID, account: Account) -> Ticket:
    """A new secret for a member whose password was right and who has no second factor; and the ticket to set it up."""
    await _begin(services, system_actor(organization_id), account.id)
    return Ticket(organization_id, account.id, fingerprint_of(account.password_hash))


@requires(SESSION_OWN)
async def begin_renewal(services: Services, actor: Actor, password: str, caller: Caller) -> None:
    """A new secret for the member who is signed in; the old one is good until a code of the new one was shown.

    Raises PasswordWrongError, RateLimitedError and UnavailableError.
    """
    member = await get_me(services, actor)
    await confirm_password(services, member, actor.organization_id, password, caller, "password")
    await _begin(services, actor, member.id)


async def _begin(services: Services, actor: Actor, staff_id: UUID) -> None:
    data_key = await services.keyring.data_key(actor.organization_id)
    sealed = data_key.seal(codes.new_secret().encode(), codes.SECRET, staff_id)
    async with services.db.transaction(actor) as conn:
        await queries.set_pending(conn, actor.organization_id, staff_id, sealed)


async def finish_first(services: Services, ticket: Ticket, code: str, caller: Caller) -> Protected:
    """With the first code, the member is signed in. Raises NothingPendingError, CodeWrongError."""
    owner = await find_owner_of(services, ticket)
    data_key = await services.keyring.data_key(ticket.organization_id)
    step = _step_of(data_key, owner, code)
    actor = Actor(ticket.organization_id, "staff", owner.id, OF_ROLE[owner.role])
    account = Account(
        id=owner.id,
        first_name=owner.first_name,
        last_name=owner.last_name,
        role=owner.role,
        password_hash=owner.password_hash or "",
        totp_secret_sealed=owner.totp_pending_sealed,
    )
    async with services.db.transaction(actor) as conn:
        made = await _finish(conn, actor, data_key, owner, step)
        return Protected(made, await let_in(conn, actor.organization_id, account, caller))


@requires(SESSION_OWN)
async def finish_renewal(services: Services, actor: Actor, token: str, code: str) -> Protected:
    """The new second factor counts, with new recovery codes; other sessions of the member end.

    Raises NothingPendingError, CodeWrongError.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        owner = await queries.find_owner(conn, actor.organization_id, actor.id) if actor.id else None
        if owner is None:
            raise NothingPendingError
        made = await _finish(conn, actor, data_key, owner, _step_of(data_key, owner, code))
        await set_others_ended(conn, actor.organization_id, owner.id, digest(token))
    return Protected(made)


@requires(SESSION_OWN)
async def renew_codes(services: Services, actor: Actor, password: str, caller: Caller) -> Protected:
    """Ten new recovery codes; those of before are good no more.

    Raises PasswordWrongError, RateLimitedError and UnavailableError; NothingPendingError where there is no second factor.
    """
    member = await get_me(services, actor)
    account = await confirm_password(services, member, actor.organization_id, password, caller, "password")
    if account.totp_secret_sealed is None:
        raise NothingPendingError
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        made = await _make_codes(conn, actor, data_key, member.id)
        await record_change(conn, actor, member.id, "RECOVERY_CODES_RENEWED")
    return Protected(made)


def _step_of(data_key: DataKey, owner: Owner, code: str) -> int:
    """The time step whose code of the pending secret this is. Raises NothingPendingError, CodeWrongError."""
    if owner.totp_pending_sealed is None:
        raise NothingPendingError
    secret = data_key.open(owner.totp_pending_sealed, codes.SECRET, owner.id).decode()
    step = codes.matching_step(secret, "".join(code.split()), clock.now())
    if step is None:
        raise CodeWrongError
    return step


async def _finish(conn: Connection, actor: Actor, data_key: DataKey, owner: Owner, step: int) -> list[str]:
    if not await queries.claim_pending(conn, actor.organization_id, owner, step):
        raise NothingPendingError
    made = await _make_codes(conn, actor, data_key, owner.id)
    await record_change(conn, actor, owner.id, "SECOND_FACTOR_SET")
    return made


async def _make_codes(conn: Connection, actor: Actor, data_key: DataKey, staff_id: UUID) -> list[str]:
    made = codes.new_recovery_codes()
    digests = [codes.recovery_digest(data_key, staff_id, code) for code in made]
    await queries.save_codes(conn, actor.organization_id, staff_id, digests)
    return made
