"""Changing members of staff, and ending and beginning their work here again."""

from contextlib import suppress
from uuid import UUID

import msgspec
from msgspec import UNSET
from psycopg.errors import UniqueViolation

from carelane.calendar.invitations.queries import find_language
from carelane.cases.errors import ActRefusedError, CaseNotFoundError
from carelane.cases.review.access import lock_case
from carelane.cases.review.actions import unassign
from carelane.clinic.people import queries
from carelane.clinic.people.schemas import (
    DeactivatedOut,
    MemberEmailIn,
    MemberSettingsIn,
    MemberSettingsOut,
    broken_rules,
)
from carelane.clinic.people.views import mail_of_move, member_out
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import is_email
from carelane.kit.errors import FieldProblem, RuleBrokenError, refuse
from carelane.kit.languages import speaking
from carelane.kit.phi import DataKey
from carelane.messages.actions import missing_setting, queue
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.sessions.access import Caller
from carelane.sessions.actions import confirm_password
from carelane.sessions.invitations.actions import invite_member, mail_invitation
from carelane.sessions.links.actions import require_mail
from carelane.staff.access import get_member
from carelane.staff.actions import save_members
from carelane.staff.queries import NO_SECRETS, License, Member, SignedInMember, lock_members
from carelane.staff.reads import get_me, get_signed_in
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same

# Before all others.
_NO_CASE = UUID(int=0)
_TAKEN = FieldProblem("email", "another member has this address")
_LAST = "this is the last administrator; make somebody else one first"


@requires(STAFF_MANAGE)
async def change_member(
    services: Services, actor: Actor, ref: str, body: MemberSettingsIn, request_key: RequestKey | None
) -> MemberSettingsOut:
    """As a whole. Raises MemberNotFoundError, RuleBrokenError, also for the last administrator, ChangedMeanwhileError, and what
    `run_once` raises."""

    async def act(conn: Connection) -> MemberSettingsOut:
        there = await _lock(conn, actor, ref)
        refuse(broken_rules(body, there))
        require_same(body.version, member_out(there).version)
        if body.role != "ADMIN":
            await _require_administrator(conn, actor, there, "role")
        wanted = msgspec.structs.replace(there, **_written(body))
        await save_members(conn, actor, [wanted])
        return member_out(await get_member(conn, actor, ref))

    return await run_once(services, actor, request_key, act)


def _written(body: MemberSettingsIn) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(body, name) for name in body.__struct_fields__ if name not in {"version", "licenses", "address"}
    }
    if body.address is not UNSET:
        values |= msgspec.structs.asdict(body.address)
    held = [License(state=one.state.upper(), number=one.number, expires_on=one.expires_on) for one in body.licenses]
    return values | {"licenses": sorted(held, key=lambda one: one.state)}


@requires(STAFF_MANAGE)
async def change_email(
    services: Services, actor: Actor, ref: str, body: MemberEmailIn, caller: Caller, request_key: RequestKey | None
) -> MemberSettingsOut:
    """Both addresses are told. The member is signed out, and links that are under way are over. Whose address somebody else changes
    has no password and no second factor any more, and is sent a link to the new one: who had the former one may have chosen them.

    Raises MemberNotFoundError, RuleBrokenError, also for an address that another member has and for the last administrator,
    PasswordWrongError, ChangedMeanwhileError, ConflictError where nothing can be sent, and what `confirm_password` and `run_once` raise.
    """
    wanted = body.email.strip()
    refuse([] if is_email(wanted) else [FieldProblem("email", "expected an e-mail address")])
    async with services.db.reading(actor.organization_id) as conn:
        await get_member(conn, actor, ref)
    me, by = await get_me(services, actor), await get_signed_in(services, actor)
    await confirm_password(services, me, actor.organization_id, body.password, caller, "password")
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> MemberSettingsOut:
        there = await _lock(conn, actor, ref, wanted)
        require_same(body.version, member_out(there).version)
        moved = msgspec.structs.replace(there, email=wanted)
        if wanted.lower() == there.email.lower():
            await save_members(conn, actor, [moved])
        else:
            await _move(services, conn, actor, data_key, there, moved)
            if missing_setting(services.settings, "MAIL") is None:
                await _tell(conn, actor, data_key, by, there, moved)
        return member_out(await get_member(conn, actor, ref))

    try:
        return await run_once(services, actor, request_key, act)
    except UniqueViolation:
        # Invited this moment.
        raise RuleBrokenError(problems=[_TAKEN]) from None


async def _move(
    services: Services, conn: Connection, actor: Actor, data_key: DataKey, there: Member, moved: Member
) -> None:
    """To another address. Raises RuleBrokenError, ConflictError."""
    if there.id == actor.id:
        await save_members(conn, actor, [moved])
        return
    require_mail(services.settings)
    await _require_administrator(conn, actor, there, "email")
    await save_members(conn, actor, [moved], {there.id: NO_SECRETS})
    if not moved.is_deactivated:
        await mail_invitation(conn, actor, data_key, await invite_member(conn, actor, moved))


async def _tell(
    conn: Connection, actor: Actor, data_key: DataKey, by: SignedInMember, there: Member, moved: Member
) -> None:
    """Both addresses."""
    with speaking(await find_language(conn, actor.organization_id, there.id)):
        mails = [mail_of_move(one, by, is_former=one is there) for one in (there, moved)]
    await queue(conn, actor, data_key, *mails)


@requires(STAFF_MANAGE)
async def deactivate_member(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None
) -> DeactivatedOut:
    """Nobody signs in as this member from now on, all sessions end, and undecided cases are open again: the first of them with that, the
    others right after, some at a time. What the member did stays.

    Raises MemberNotFoundError, RuleBrokenError for the last administrator, and what `run_once` raises.
    """
    last: UUID | None = None

    async def act(conn: Connection) -> DeactivatedOut:
        nonlocal last
        there = await _lock(conn, actor, ref)
        await _require_administrator(conn, actor, there, "email")
        await save_members(conn, actor, [msgspec.structs.replace(there, is_deactivated=True)])
        unassigned, last = await _take_back(conn, actor, there.id, _NO_CASE)
        if last is not None:
            unassigned += await queries.count_in_hand(conn, actor.organization_id, there.id, last)
        return DeactivatedOut(member=member_out(await get_member(conn, actor, ref)), unassigned_cases=unassigned)

    answer = await run_once(services, actor, request_key, act)
    await _take_back_after(services, actor, ref, last)
    return answer


@requires(STAFF_MANAGE)
async def take_back_left(services: Services, actor: Actor) -> None:
    """Whatever members who are deactivated still have in hand is nobody's from now on: behind the organization file, which deactivates
    them in one transaction with all else, and where a server stopped amid the cases of one."""
    async with services.db.reading(actor.organization_id) as conn:
        left = await queries.list_left(conn, actor.organization_id)
    for member_id in left:
        await _take_back_after(services, actor, str(member_id), _NO_CASE)


async def _take_back_after(services: Services, actor: Actor, ref: str, last: UUID | None) -> None:
    """All that come after that case, some at a time; None: there are no more."""
    while last is not None:
        last = await _take_back_more(services, actor, ref, last)


async def _take_back_more(services: Services, actor: Actor, ref: str, after: UUID) -> UUID | None:
    """The last case that was looked at, None when there are no more. Whoever is active again meanwhile keeps the rest."""
    async with services.db.transaction(actor) as conn:
        there = await _lock(conn, actor, ref)
        return (await _take_back(conn, actor, there.id, after))[1] if there.is_deactivated else None


async def _take_back(conn: Connection, actor: Actor, member_id: UUID, after: UUID) -> tuple[int, UUID | None]:
    """How many of the member's next cases are nobody's now, and the last that was looked at; None: there were no more."""
    count = 0
    found = await queries.list_in_hand(conn, actor.organization_id, member_id, after)
    for case_id in found:
        # Decided or closed this moment: then it is nobody's work.
        with suppress(ActRefusedError, CaseNotFoundError):
            case = await lock_case(conn, actor, str(case_id), "unassign")
            await unassign(conn, actor, case)
            count += 1
    return count, found[-1] if found else None


@requires(STAFF_MANAGE)
async def reactivate_member(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None
) -> MemberSettingsOut:
    """The member signs in as before; without a password, after another invitation. Raises MemberNotFoundError, and what `run_once` raises."""

    async def act(conn: Connection) -> MemberSettingsOut:
        there = await _lock(conn, actor, ref)
        await save_members(conn, actor, [msgspec.structs.replace(there, is_deactivated=False)])
        return member_out(await get_member(conn, actor, ref))

    return await run_once(services, actor, request_key, act)


async def _lock(conn: Connection, actor: Actor, ref: str, address: str | None = None) -> Member:
    """Raises MemberNotFoundError, and RuleBrokenError when another member has that address."""
    await queries.lock_people(conn, actor.organization_id)
    found = await get_member(conn, actor, ref)
    emails = [] if address is None else [address.lower()]
    locked = {one.id: one for one in await lock_members(conn, actor.organization_id, [found.id], emails)}
    refuse([_TAKEN] if len(locked) > 1 else [])
    return locked[found.id]


async def _require_administrator(conn: Connection, actor: Actor, member: Member, field: str) -> None:
    """Raises RuleBrokenError when nobody else is one."""
    if member.role != "ADMIN" or member.is_deactivated:
        return
    if not await queries.find_is_other_administrator(conn, actor.organization_id, member.id):
        refuse([FieldProblem(field, _LAST)])
