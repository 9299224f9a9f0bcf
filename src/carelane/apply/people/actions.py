"""Staff of a file: compared with who is there, and handed to their own action."""

from uuid import UUID

import msgspec

from carelane.apply.people.availability.actions import apply_availability
from carelane.apply.people.schemas import StaffEntry
from carelane.apply.queries import Fields
from carelane.apply.states import Comparison, Merged, secret_digest
from carelane.apply.views import Action, Change
from carelane.kit import clock, passwords
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import given_id, record_id
from carelane.kit.phi import DataKey
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.sessions import codes
from carelane.sessions.invitations.actions import invite_member, mail_invitation
from carelane.sessions.links.access import url_of
from carelane.sessions.links.actions import can_mail
from carelane.sessions.links.queries import find_open_invitation
from carelane.staff.actions import save_members
from carelane.staff.queries import (
    NO_SECRETS,
    License,
    Member,
    Secrets,
    list_secrets,
    list_without_password,
    lock_members,
)

_DEPRECATED = {
    "password": "is deprecated: without it the member is invited and chooses one",
    "totpSecret": "is deprecated: without it the member sets up a second factor at the first sign-in, which nobody else sees",
}


class _NewSecrets(msgspec.Struct, frozen=True):
    """What a member is to sign in with from now on. None: as it is."""

    password: str | None
    totp_secret: str | None

    def __repr__(self) -> str:
        return "_NewSecrets(***)"


@requires(STAFF_MANAGE)
async def apply_staff(
    conn: Connection, actor: Actor, entries: list[StaffEntry], comparison: Comparison, data_key: DataKey
) -> list[Change]:
    """The members with their licenses, and the passwords and second factors that the file gives."""
    if not entries:
        return []
    named = {entry.email: record_id(actor.organization_id, entry.given_id) for entry in entries if entry.given_id}
    candidates, emails = comparison.candidates("staff", entries)
    members = await lock_members(conn, actor.organization_id, candidates | set(named.values()), emails)
    there = {member.id: member for member in members}
    found = comparison.ids_of("staff", entries, there)
    held = await list_secrets(conn, actor.organization_id)
    rows, changes, secrets, members_of_file = [], [], {}, {}
    for index, entry in enumerate(entries):
        staff_id = named.get(entry.email) or found[entry.email.lower()]
        before = held.get(staff_id, NO_SECRETS)
        row, after, done = _merge(f"staff[{index}]", entry, staff_id, there.get(staff_id), before, comparison, data_key)
        rows.append(row)
        members_of_file[staff_id] = entry
        changes += done
        if after != before:
            secrets[staff_id] = after
    await save_members(conn, actor, rows, secrets)
    return changes + await apply_availability(conn, actor, members_of_file, comparison)


def _merge(
    place: str,
    entry: StaffEntry,
    staff_id: UUID,
    there: Member | None,
    before: Secrets,
    comparison: Comparison,
    data_key: DataKey,
) -> tuple[Member, Secrets, list[Change]]:
    """The member and the secrets to be saved, and what that changes."""
    applied = comparison.find_applied("staff", staff_id)
    fields = _secret_fields(entry, before, applied, data_key, staff_id)
    row, merged = comparison.merge_row("staff", _member(entry, staff_id, there), there, fields)
    new = _new_secrets(entry, fields, merged)
    after = _sealed(new, before, data_key, staff_id)
    if there is not None and row.email.lower() != there.email.lower():
        after = _of_file(entry, merged, after)
    of_hash = _remembered_hash(merged, after, applied, data_key)
    comparison.remember("staff", staff_id, merged.fields | of_hash)
    return row, after, _changes(place, entry, merged.change, before, new)


def _member(entry: StaffEntry, staff_id: UUID, before: Member | None) -> Member:
    values = {name: value for name, value in msgspec.structs.asdict(entry).items() if hasattr(Member, name)}
    own = {
        "id": staff_id,
        "npi": _text(entry.npi),
        "postal_code": _text(entry.postal_code),
        "is_deactivated": not entry.is_active,
        "unlocks_at": before.unlocks_at if before else None,
        "given_id": given_id(entry.given_id) or (before.given_id if before else None),
        "licenses": _licenses(entry),
    }
    return Member(**(values | own))


def _text(number: str | int | None) -> str | None:
    return None if number is None else str(number)


def _licenses(entry: StaffEntry) -> list[License]:
    held = [License(state=one.state, number=str(one.number), expires_on=one.expires_on) for one in entry.licenses]
    return sorted(held, key=lambda one: one.state)


def _secret_fields(
    entry: StaffEntry, before: Secrets, applied: Fields, data_key: DataKey, staff_id: UUID
) -> tuple[Fields, Fields]:
    """Those that the file names, as it says them and as they stand."""
    says: Fields = {}
    stand: Fields = {}
    if entry.password is not None:
        says["password"] = secret_digest(data_key, entry.password.encode())
        stand["password"] = _standing_password(entry.password, before.password_hash, applied, data_key)
    if entry.totp_secret is not None:
        says["totpSecret"] = secret_digest(data_key, entry.totp_secret.encode())
        sealed = before.totp_secret_sealed
        known = data_key.open(sealed, codes.SECRET, staff_id) if sealed is not None else None
        stand["totpSecret"] = secret_digest(data_key, known) if known is not None else None
    return says, stand


def _standing_password(password: str, kept_hash: str | None, applied: Fields, data_key: DataKey) -> str | None:
    """A digest that equals the file's, or the last applied one's, when that is the password.

    A hash can only be compared with a password by trying it (30 ms), so the hash that the last apply left is remembered as well.
    """
    if kept_hash is None:
        return None
    of_hash = secret_digest(data_key, kept_hash.encode())
    if of_hash == applied.get("passwordHash"):
        return applied.get("password")
    return secret_digest(data_key, password.encode()) if passwords.is_right_now(password, kept_hash) else of_hash


def _remembered_hash(merged: Merged, after: Secrets, applied: Fields, data_key: DataKey) -> Fields:
    """A digest of the hash of the password that was applied, not of one that was set elsewhere since."""
    if "password" not in merged.fields or after.password_hash is None:
        return {}
    if "password" in merged.kept:
        return {"passwordHash": applied.get("passwordHash")}
    return {"passwordHash": secret_digest(data_key, after.password_hash.encode())}


def _new_secrets(entry: StaffEntry, fields: tuple[Fields, Fields], merged: Merged) -> _NewSecrets:
    """What the file gives, unless it is there or stays another. Who is given none is invited, and chooses."""
    says, stand = fields
    to_write = {name for name in says if says[name] != stand[name] and name not in merged.kept}
    return _NewSecrets(
        entry.password if "password" in to_write else None, entry.totp_secret if "totpSecret" in to_write else None
    )


def _sealed(new: _NewSecrets, before: Secrets, data_key: DataKey, staff_id: UUID) -> Secrets:
    sealed = data_key.seal(new.totp_secret.encode(), codes.SECRET, staff_id) if new.totp_secret is not None else None
    return Secrets(
        password_hash=passwords.hash_now(new.password) if new.password is not None else before.password_hash,
        totp_secret_sealed=sealed or before.totp_secret_sealed,
    )


def _of_file(entry: StaffEntry, merged: Merged, after: Secrets) -> Secrets:
    """What is left of the secrets of a member with another address: who had the one before may have chosen the others."""
    is_password = entry.password is not None and "password" not in merged.kept
    is_factor = entry.totp_secret is not None and "totpSecret" not in merged.kept
    return Secrets(
        password_hash=after.password_hash if is_password else None,
        totp_secret_sealed=after.totp_secret_sealed if is_factor else None,
    )


def _changes(place: str, entry: StaffEntry, change: Change, before: Secrets, new: _NewSecrets) -> list[Change]:
    """The member's change; and one more for a second factor that is new."""
    notes = [f"{place}.{field} {_DEPRECATED[field]}" for field in _deprecated_fields(entry)]
    if new.password is None and new.totp_secret is None:
        return [msgspec.structs.replace(change, notes=notes)]
    action: Action = "update" if change.action == "unchanged" else change.action
    changes = [msgspec.structs.replace(change, action=action, notes=notes)]
    if new.totp_secret is not None:
        action = "create" if before.totp_secret_sealed is None else "update"
        changes.append(Change(action=action, what="second factor", name=change.name))
    return changes


def _deprecated_fields(entry: StaffEntry) -> list[str]:
    given = {"password": entry.password, "totpSecret": entry.totp_secret}
    return [field for field, value in given.items() if value is not None]


async def apply_invitations(
    services: Services, conn: Connection, actor: Actor, comparison: Comparison, data_key: DataKey
) -> list[Change]:
    """Whoever of the file's members, whatever the address is by now, is active and has neither a password nor an invitation that is
    open is invited: by mail, or, where this server sends none, by a link that is shown once."""
    ids = [record.record_id for record in comparison.to_remember if record.kind == "staff"]
    settings, changes = services.settings, []
    for member in await list_without_password(conn, actor.organization_id, ids):
        if await find_open_invitation(conn, actor.organization_id, member.id, clock.now()):
            continue
        link, url = await invite_member(conn, actor, member), None
        if can_mail(settings):
            await mail_invitation(conn, actor, data_key, link)
        else:
            base = settings.public_url or f"http://{settings.host}:{settings.port}"
            url = url_of(services.staff_link_key, base, "INVITATION", link)
        changes.append(Change(action="create", what="invitation", name=member.email, secret=url))
    return changes
