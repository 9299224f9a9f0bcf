"""Staff of an organization file: compared with who is there, and written where they differ."""

from uuid import UUID, uuid5

import msgspec

from carelane.apply.changes import Action, Change, compare, differing
from carelane.apply.people import queries
from carelane.apply.people.queries import Secrets
from carelane.apply.people.schemas import StaffEntry
from carelane.kit.auth import new_secret
from carelane.kit.db import Connection
from carelane.kit.ids import given_id, record_id
from carelane.kit.phi import DataKey
from carelane.permissions import sees_phi
from carelane.sessions import codes, passwords
from carelane.sessions.queries import update_sessions_ended
from carelane.staff.queries import License, Member, list_members

_PASSWORD_PREFIX = "cvw"  # noqa: S105 - how a made password begins


async def apply_staff(
    conn: Connection, organization_id: UUID, data_key: DataKey, wanted: list[StaffEntry]
) -> list[Change]:
    """Saves the members of staff, their licenses, and their passwords and second factors."""
    if not wanted:
        return []
    existing = await list_members(conn, organization_id)
    members = _members(organization_id, wanted, existing)
    await queries.save_members(conn, organization_id, differing(members, existing))
    changes = compare("staff", members, existing, name=lambda member: str(member.email))
    before = {secrets.id: secrets for secrets in await queries.list_secrets(conn, organization_id)}
    done = []
    for person, member, change in zip(wanted, members, changes, strict=True):
        done += await _apply_secrets(conn, organization_id, data_key, person, before[member.id], change)
    return done


def _members(organization_id: UUID, wanted: list[StaffEntry], existing: list[Member]) -> list[Member]:
    known = {member.email.lower(): member.id for member in existing}
    unlocks = {member.id: member.unlocks_at for member in existing}
    names = {member.id: member.given_id for member in existing}
    members = []
    for person in wanted:
        email = person.email.lower()
        named = record_id(organization_id, person.given_id) if person.given_id else None
        staff_id = person.id or named or known.get(email) or uuid5(organization_id, f"staff:{email}")
        values = {name: value for name, value in msgspec.structs.asdict(person).items() if hasattr(Member, name)}
        own = {
            "id": staff_id,
            "npi": _text(person.npi),
            "postal_code": _text(person.postal_code),
            "is_deactivated": not person.is_active,
            "unlocks_at": unlocks.get(staff_id),
            "given_id": given_id(person.given_id) or names.get(staff_id),
            "licenses": _licenses(person),
        }
        members.append(Member(**(values | own)))
    return members


def _text(number: str | int | None) -> str | None:
    return None if number is None else str(number)


def _licenses(person: StaffEntry) -> list[License]:
    held = [License(state=one.state, number=str(one.number), expires_on=one.expires_on) for one in person.licenses]
    return sorted(held, key=lambda one: one.state)


async def _apply_secrets(
    conn: Connection, organization_id: UUID, data_key: DataKey, person: StaffEntry, before: Secrets, change: Change
) -> list[Change]:
    """The member's change, with a password that was made here; and one more for a second factor that is new."""
    password = _new_password(person, before)
    totp_secret = _new_totp_secret(person, before, data_key)
    if password is None and totp_secret is None:
        return [change]
    after = Secrets(
        id=before.id,
        password_hash=passwords.hash_now(password) if password else before.password_hash,
        totp_secret_sealed=(
            data_key.seal(totp_secret.encode(), codes.SECRET, before.id) if totp_secret else before.totp_secret_sealed
        ),
    )
    await queries.save_secrets(conn, organization_id, after)
    # Whoever signed in with the old ones has to sign in again.
    await update_sessions_ended(conn, organization_id, before.id)
    done = [_told(change, password if person.password is None else None)]
    if totp_secret is not None:
        action: Action = "create" if before.totp_secret_sealed is None else "update"
        shown = totp_secret if person.totp_secret is None else None
        done.append(Change(action=action, what="second factor", name=change.name, secret=shown))
    return done


def _told(change: Change, made: str | None) -> Change:
    action: Action = "update" if change.action == "unchanged" else change.action
    return Change(action=action, what=change.what, name=change.name, id=change.id, secret=made)


def _new_password(person: StaffEntry, before: Secrets) -> str | None:
    """The password to set: the given one if it is another than before, or a made one for an account without any."""
    if person.password is None:
        return new_secret(_PASSWORD_PREFIX) if before.password_hash is None and person.is_active else None
    if before.password_hash and passwords.is_right_now(person.password, before.password_hash):
        return None
    return person.password


def _new_totp_secret(person: StaffEntry, before: Secrets, data_key: DataKey) -> str | None:
    """As `_new_password`; a second factor is made only for roles that need one."""
    if person.totp_secret is None:
        is_needed = before.totp_secret_sealed is None and person.is_active and sees_phi(person.role)
        return codes.new_secret() if is_needed else None
    if before.totp_secret_sealed is None:
        return person.totp_secret
    known = data_key.open(before.totp_secret_sealed, codes.SECRET, before.id).decode()
    return None if known == person.totp_secret else person.totp_secret
