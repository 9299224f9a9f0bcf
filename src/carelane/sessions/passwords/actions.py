"""Asking for a link when a password was forgotten, and choosing a password."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog

from carelane.kit import clock, passwords
from carelane.kit.auth import Actor, digest, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.organizations.queries import find_organization_id
from carelane.permissions import OF_ROLE, SESSION_OWN, requires, sees_phi
from carelane.services import Services
from carelane.sessions.access import Caller
from carelane.sessions.actions import (
    SignedIn,
    WithoutSecondFactor,
    confirm_password,
    count_failure,
    let_in,
    password_wrong,
)
from carelane.sessions.invitations.errors import LinkOverError
from carelane.sessions.invitations.reads import get_link
from carelane.sessions.links import queries as links
from carelane.sessions.links.access import Kind
from carelane.sessions.links.actions import can_mail, mail_link, make_link
from carelane.sessions.links.queries import OpenLink
from carelane.sessions.own.queries import set_others_ended
from carelane.sessions.passwords import queries
from carelane.sessions.passwords.queries import NewPassword
from carelane.sessions.passwords.schemas import PasswordIn, change_problems, problems_of
from carelane.sessions.queries import Account, update_sessions_ended
from carelane.staff.actions import record_change
from carelane.staff.leaving.queries import delete_devices
from carelane.staff.reads import get_me

SHORT_WINDOW, LONG_WINDOW = timedelta(minutes=15), timedelta(days=1)
# Rows that are further ahead are of a clock that was wrong.
CLOCK_TOLERANCE = timedelta(minutes=1)
MAX_SENT_LATELY, MAX_SENT_IN_A_DAY = 3, 10
# No answer comes sooner: what was done meanwhile cannot be told from the time it took.
ANSWER_SECONDS = 0.25

log = structlog.get_logger()


async def ask_for_reset(services: Services, tenant: str, email: str, caller: Caller) -> None:
    """Sends a link to a member who is there. Who it is, and whether anything was sent, nothing tells.

    Counts against the address, whoever is named. Raises RateLimitedError.
    """
    async with _answered_in_time():
        count_failure(caller)
        if not can_mail(services.settings):
            log.warning("reset_not_sent", reason="mail or CARELANE_PUBLIC_URL is not set")
            return
        async with services.db.across() as conn:
            organization_id = await find_organization_id(conn, tenant)
        if organization_id is not None:
            await _send_reset(services, system_actor(organization_id), email)


async def _send_reset(services: Services, actor: Actor, email: str) -> None:
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        staff_id = await queries.lock_forgetful(conn, actor.organization_id, email)
        if staff_id is None:
            return
        windows = SHORT_WINDOW, LONG_WINDOW, CLOCK_TOLERANCE
        lately, in_a_day = await links.count_lately(
            conn, actor.organization_id, staff_id, "RESET", clock.now(), windows
        )
        if lately >= MAX_SENT_LATELY or in_a_day >= MAX_SENT_IN_A_DAY:
            return
        await mail_link(conn, actor, data_key, "RESET", await make_link(conn, actor, staff_id, "RESET"))
        await record_change(conn, actor, staff_id, "RESET_ASKED")


async def accept_invitation(
    services: Services, token: str, password: str, caller: Caller
) -> SignedIn | WithoutSecondFactor | None:
    """Sets the first password. The member is signed in, or sets up a second factor next, or has one and signs in (None).

    Raises LinkOverError, RuleBrokenError and UnavailableError.
    """
    link, new = await _judge_link(services, "INVITATION", token, password, caller)
    organization_id = link.organization_id
    async with services.db.transaction(system_actor(organization_id)) as conn:
        account = await _use_link(conn, link, new)
        await record_change(conn, _owner(organization_id, account), account.id, "INVITATION_ACCEPTED")
        if account.totp_secret_sealed is not None:
            return None
        if sees_phi(account.role):
            return WithoutSecondFactor(organization_id, account)
        return await let_in(conn, organization_id, account, caller)


async def reset_password(services: Services, token: str, password: str, caller: Caller) -> None:
    """Sets another password, ends all sessions and forgets all devices. The second factor stays.

    Raises LinkOverError, RuleBrokenError and UnavailableError.
    """
    link, new = await _judge_link(services, "RESET", token, password, caller)
    organization_id = link.organization_id
    async with services.db.transaction(system_actor(organization_id)) as conn:
        account = await _use_link(conn, link, new)
        await update_sessions_ended(conn, organization_id, account.id)
        await delete_devices(conn, organization_id, [account.id])
        await record_change(conn, _owner(organization_id, account), account.id, "PASSWORD_RESET")


@requires(SESSION_OWN)
async def change_password(services: Services, actor: Actor, token: str, body: PasswordIn, caller: Caller) -> None:
    """Sets another password; every session of the member's ends but the one that `token` opened.

    A wrong current password counts as a try to sign in does. Raises RuleBrokenError, PasswordWrongError, RateLimitedError
    and UnavailableError.
    """
    refuse(change_problems(body))
    member = await get_me(services, actor)
    account = await confirm_password(
        services, member, actor.organization_id, body.current_password, caller, "currentPassword"
    )
    async with passwords.turn(caller.address):
        password_hash = await passwords.hashed(body.new_password)
    new = NewPassword(staff_id=member.id, password_hash=password_hash, before=account.password_hash)
    async with services.db.transaction(actor) as conn:
        if await queries.set_password(conn, actor.organization_id, new) is None:
            raise password_wrong("currentPassword")
        await set_others_ended(conn, actor.organization_id, member.id, digest(token))
        await links.set_revoked(conn, actor.organization_id, member.id, "RESET")
        await record_change(conn, actor, member.id, "PASSWORD_CHANGED")


async def _judge_link(
    services: Services, kind: Kind, token: str, password: str, caller: Caller
) -> tuple[OpenLink, NewPassword]:
    """Whose password it is to be. The link is used later, so that a password that is refused uses up none."""
    link = await get_link(services, kind, token)
    refuse(problems_of(password, "password"))
    async with passwords.turn(caller.address):
        password_hash = await passwords.hashed(password)
    return link, NewPassword(staff_id=link.staff_id, password_hash=password_hash)


async def _use_link(conn: Connection, link: OpenLink, new: NewPassword) -> Account:
    """Of many at once with one link, one. Raises LinkOverError: then no password is set.

    The member is locked before the links, as by whoever ends these.
    """
    organization_id = link.organization_id
    account = await queries.set_password(conn, organization_id, new)
    if account is None or not await links.claim_link(conn, organization_id, link.id, link.kind, clock.now()):
        raise LinkOverError
    await links.set_revoked(conn, organization_id, account.id, "INVITATION")
    await links.set_revoked(conn, organization_id, account.id, "RESET")
    return account


def _owner(organization_id: UUID, account: Account) -> Actor:
    return Actor(organization_id, "staff", account.id, OF_ROLE[account.role])


@asynccontextmanager
async def _answered_in_time() -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    answers_at = loop.time() + ANSWER_SECONDS
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, answers_at - loop.time()))
