"""Staff of a file: compared with who is there, and handed to their own action."""

from uuid import UUID

import msgspec

from carelane.apply.people.availability.actions import apply_availability
from carelane.apply.people.schemas import StaffEntry
from carelane.apply.queries import Fields
from carelane.apply.states import Comparison, Merged, secret_digest
from carelane.apply.views import Action, Change
from carelane.kit import passwords
from carelane.kit.auth import Actor, new_secret
from carelane.kit.db import Connection
from carelane.kit.ids import given_id, record_id
from carelane.kit.phi import DataKey
from carelane.permissions import STAFF_MANAGE, requires, sees_phi
from carelane.sessions import codes
from carelane.staff.actions import save_members
from carelane.staff.queries import License, Member, Secrets, list_secrets, lock_members

_PASSWORD_PREFIX = "cvw"  # noqa: S105 - how a made password begins
_NO_SECRETS = Secrets(password_hash=None, totp_secret_sealed=None)


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
    """The members with their licenses, passwords and second factors; what is needed and not given is made."""
    if not entries:
        return []
    named = {entry.email: record_id(actor.organization_id, entry.given_id) for entry in entries if entry.given_id}
    candidates, emails = comparison.candidates("staff", entries)
    members = await lock_members(conn, actor.organization_id, candidates | set(named.values()), emails)
    there = {member.id: member for member in members}
    found = comparison.ids_of("staff", entries, there)
    held = await list_secrets(conn, actor.organization_id)
    rows, changes, secrets, members_of_file = [], [], {}, {}
    for entry in entries:
        staff_id = named.get(entry.email) or found[entry.email.lower()]
        before = held.get(staff_id, _NO_SECRETS)
        row, after, done = _merge(entry, staff_id, there.get(staff_id), before, comparison, data_key)
        rows.append(row)
        members_of_file[staff_id] = entry
        changes += done
        if after != before:
            secrets[staff_id] = after
    await save_members(conn, actor, rows, secrets)
    return changes + await apply_availability(conn, actor, members_of_file, comparison)


def _merge(
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
    new = _new_secrets(entry, row, before, fields, merged)
    after = _sealed(new, before, data_key, staff_id)
    of_hash = _remembered_hash(merged, after, applied, data_key)
    comparison.remember("staff", staff_id, merged.fields | of_hash)
    return row, after, _changes(entry, merged.change, before, new)


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


def _new_secrets(
    entry: StaffEntry, row: Member, before: Secrets, fields: tuple[Fields, Fields], merged: Merged
) -> _NewSecrets:
    """What the file gives, unless it is there or stays another; what is needed and neither given nor there is made."""
    says, stand = fields
    to_write = {name for name in says if says[name] != stand[name] and name not in merged.kept}
    is_active = not row.is_deactivated
    password = entry.password if "password" in to_write else None
    if entry.password is None and before.password_hash is None and is_active:
        password = new_secret(_PASSWORD_PREFIX)
    totp_secret = entry.totp_secret if "totpSecret" in to_write else None
    if entry.totp_secret is None and before.totp_secret_sealed is None and is_active and sees_phi(row.role):
        totp_secret = codes.new_secret()
    return _NewSecrets(password, totp_secret)


def _sealed(new: _NewSecrets, before: Secrets, data_key: DataKey, staff_id: UUID) -> Secrets:
    sealed = data_key.seal(new.totp_secret.encode(), codes.SECRET, staff_id) if new.totp_secret is not None else None
    return Secrets(
        password_hash=passwords.hash_now(new.password) if new.password is not None else before.password_hash,
        totp_secret_sealed=sealed or before.totp_secret_sealed,
    )


def _changes(entry: StaffEntry, change: Change, before: Secrets, new: _NewSecrets) -> list[Change]:
    """The member's change, with a password that was made here; and one more for a second factor that is new."""
    if new.password is None and new.totp_secret is None:
        return [change]
    action: Action = "update" if change.action == "unchanged" else change.action
    made = new.password if entry.password is None else None
    changes = [msgspec.structs.replace(change, action=action, secret=made)]
    if new.totp_secret is not None:
        made = new.totp_secret if entry.totp_secret is None else None
        action = "create" if before.totp_secret_sealed is None else "update"
        changes.append(Change(action=action, what="second factor", name=change.name, secret=made))
    return changes
