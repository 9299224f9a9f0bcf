"""Making and changing members of staff, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import STAFF_MANAGE, requires
from carelane.staff import queries
from carelane.staff.leaving.queries import delete_devices, set_links_revoked, set_sessions_ended
from carelane.staff.queries import Member, Secrets


@requires(STAFF_MANAGE)
async def save_members(
    conn: Connection, actor: Actor, wanted: list[Member], secrets: Mapping[UUID, Secrets] | None = None
) -> None:
    """Makes each member what is wanted, licenses included, with an event for each that changes. Locks stay as they are.

    Those in `secrets` get this password and second factor, and have to sign in again. So has whoever gets another role: it may take
    a second factor where the one before took none. So has whoever gets another e-mail address, and what was sent to the one before opens
    nothing; whether the secrets stay then, the caller says. Of whoever is deactivated nothing is good any more, should they come back.
    """
    secrets = secrets or {}
    ids = [member.id for member in wanted]
    there = {member.id: member for member in await queries.lock_members(conn, actor.organization_id, ids)}
    changed = [member for member in wanted if member.id not in there or _profile(there[member.id]) != _profile(member)]
    if changed:
        await queries.save_members(conn, actor.organization_id, changed)
    await _end_sessions(conn, actor, secrets, changed, there)
    for staff_id, secret in secrets.items():
        await queries.save_secrets(conn, actor.organization_id, staff_id, secret)
    how = {member.id: "CHANGED" for member in changed} | dict.fromkeys(secrets, "SECRETS_CHANGED")
    how |= {member.id: "EMAIL_CHANGED" for member in _moved(changed, there)}
    how |= {member.id: "CREATED" for member in changed if member.id not in there}
    if how:
        changes = (
            events.new_event(actor, "STAFF_CHANGED", None, target_id=staff_id, value_after=after)
            for staff_id, after in how.items()
        )
        await events.record(conn, *changes)


async def _end_sessions(
    conn: Connection, actor: Actor, secrets: Iterable[UUID], changed: list[Member], there: Mapping[UUID, Member]
) -> None:
    before = [(there[member.id], member) for member in changed if member.id in there]
    gone = [now.id for then, now in before if now.is_deactivated and not then.is_deactivated]
    moved = [member.id for member in _moved(changed, there)]
    ids = {*secrets, *gone, *moved, *(now.id for then, now in before if now.role != then.role)}
    if ids:
        await set_sessions_ended(conn, actor.organization_id, ids)
    if gone or moved:
        await delete_devices(conn, actor.organization_id, [*gone, *moved])
        await set_links_revoked(conn, actor.organization_id, [*gone, *moved])


def _moved(changed: list[Member], there: Mapping[UUID, Member]) -> list[Member]:
    """Who gets another e-mail address; capital letters make no other one."""
    return [one for one in changed if one.id in there and one.email.lower() != there[one.id].email.lower()]


def _profile(member: Member) -> Member:
    return msgspec.structs.replace(member, unlocks_at=None)


async def record_change(conn: Connection, actor: Actor, staff_id: UUID, how: str) -> None:
    """The event that tells what became of a member, in the transaction of the act."""
    await events.record(conn, events.new_event(actor, "STAFF_CHANGED", None, target_id=staff_id, value_after=how))
