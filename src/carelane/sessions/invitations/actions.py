"""Inviting members of staff, and taking an invitation back."""

from datetime import datetime

import msgspec
from psycopg.errors import UniqueViolation

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.sessions.invitations.rows import new_member
from carelane.sessions.invitations.schemas import InvitationIn, InvitationOut, broken_rules
from carelane.sessions.invitations.views import show_invitation, status_of
from carelane.sessions.links import queries
from carelane.sessions.links.access import StaffLink
from carelane.sessions.links.actions import mail_link, make_link, require_mail
from carelane.sessions.links.queries import Invitation
from carelane.staff.actions import record_change, save_members
from carelane.staff.queries import Member, find_password_hash, lock_members
from carelane.web.idempotency import RequestKey, run_once


@requires(STAFF_MANAGE)
async def invite(services: Services, actor: Actor, body: InvitationIn, request_key: RequestKey | None) -> InvitationOut:
    """Makes the member, unless there is one with this address and no password, and sends a link.

    Raises RuleBrokenError, and ConflictError for who signs in already, is inactive, or cannot be sent anything.
    """
    refuse(broken_rules(body))
    require_mail(services.settings)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> InvitationOut:
        member = await _member(conn, actor, body)
        link = await invite_member(conn, actor, member)
        await mail_invitation(conn, actor, data_key, link)
        return show_invitation(await _get(conn, actor, str(link.id)), clock.now())

    try:
        return await run_once(services, actor, request_key, act)
    except UniqueViolation:
        raise ConflictError("somebody else made a member with this address just now; try again") from None


async def invite_member(conn: Connection, actor: Actor, member: Member) -> StaffLink:
    """The link for somebody who has no password, in the caller's transaction. Those of before are over."""
    link = await make_link(conn, actor, member.id, "INVITATION")
    await record_change(conn, actor, member.id, "INVITED")
    return link


async def mail_invitation(conn: Connection, actor: Actor, data_key: DataKey, link: StaffLink) -> None:
    """Queues the mail with the link."""
    await mail_link(conn, actor, data_key, "INVITATION", link)


@requires(STAFF_MANAGE)
async def revoke_invitation(services: Services, actor: Actor, ref: str) -> InvitationOut:
    """Takes an invitation back: its link is over. Raises RecordNotFoundError, and ConflictError for one that was accepted."""
    async with services.db.transaction(actor) as conn:
        now = clock.now()
        invitation = await _get(conn, actor, ref)
        if status_of(invitation, now) == "ACCEPTED":
            raise ConflictError("the invitation was accepted")
        if invitation.revoked_at is not None:
            return show_invitation(invitation, now)
        await queries.set_revoked(conn, actor.organization_id, invitation.staff_id, "INVITATION")
        await record_change(conn, actor, invitation.staff_id, "INVITATION_REVOKED")
        return show_invitation(_revoked(invitation, now), now)


def _revoked(invitation: Invitation, now: datetime) -> Invitation:
    return msgspec.structs.replace(invitation, revoked_at=now)


async def _get(conn: Connection, actor: Actor, ref: str) -> Invitation:
    link_id = parse_uuid(ref)
    found = await queries.lock_invitation(conn, actor.organization_id, link_id) if link_id else None
    if found is None:
        raise RecordNotFoundError("no such invitation here")
    return found


async def _member(conn: Connection, actor: Actor, body: InvitationIn) -> Member:
    there = await lock_members(conn, actor.organization_id, (), [body.email.lower()])
    if there:
        return await _invitable(conn, actor, there[0])
    member = new_member(body)
    await save_members(conn, actor, [member])
    return member


async def _invitable(conn: Connection, actor: Actor, member: Member) -> Member:
    """Raises ConflictError."""
    if member.is_deactivated:
        raise ConflictError("a member with this address is inactive; make the member active first")
    if await find_password_hash(conn, actor.organization_id, member.id):
        raise ConflictError("a member with this address has a password already; it can be reset at the sign-in")
    return member
