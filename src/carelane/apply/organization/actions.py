"""The organization of a file, its keys and its clients: compared with what is there, and handed to their own actions."""

from typing import Any

import msgspec

from carelane.apply.errors import InvalidFileError
from carelane.apply.organization.schemas import CredentialEntry, OrganizationEntry, OrganizationFile
from carelane.apply.queries import Fields
from carelane.apply.states import Comparison, defaults_of, secret_digest
from carelane.apply.views import Change
from carelane.cases.review.queue.actions import order_anew
from carelane.kit.auth import Actor, digest
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import DataKey, MasterKey
from carelane.organizations import actions, queries
from carelane.organizations.queries import Credential, CredentialKind, Organization
from carelane.permissions import ORGANIZATION_MANAGE, requires


@requires(ORGANIZATION_MANAGE)
async def apply_organization(
    conn: Connection, actor: Actor, entry: OrganizationEntry, comparison: Comparison, master_key: MasterKey
) -> list[Change]:
    """The organization itself, made or changed."""
    members: dict[str, Any] = {**msgspec.structs.asdict(entry), "id": actor.organization_id}
    wanted = Organization(**members)
    there = await queries.lock_organization(conn, actor.organization_id)
    defaults = defaults_of(OrganizationEntry)
    rows, changes = comparison.merge_rows("organization", [wanted], {there.id: there} if there else {}, defaults)
    await actions.save_organization(conn, actor, rows[0], master_key)
    if there and there.answer_within_hours != rows[0].answer_within_hours:
        await order_anew(conn, actor)
    return changes


@requires(ORGANIZATION_MANAGE)
async def apply_credentials(
    conn: Connection, actor: Actor, file: OrganizationFile, comparison: Comparison, data_key: DataKey
) -> list[Change]:
    """Raises InvalidFileError when a credential would take the id, name or secret of another."""
    existing = await queries.list_credentials(conn, actor.organization_id)
    sections: list[tuple[CredentialKind, str, list[CredentialEntry]]] = [
        ("key", "keys", file.keys),
        ("client", "clients", file.clients),
    ]
    changes = []
    for kind, section, entries in sections:
        for index, entry in enumerate(entries):
            before = _find(existing, kind, entry, comparison)
            if entry.revoked:
                changes.append(await _revoke(conn, actor, kind, entry, before, comparison))
            elif before is not None and _is_revoked_elsewhere(before, comparison):
                changes.append(_compare_revoked(kind, entry, before, comparison, data_key))
            else:
                clash = _clash(existing, kind, entry, before)
                if clash:
                    raise InvalidFileError(problems=[FieldProblem(f"{section}[{index}]", clash)])
                changes.append(await _apply(conn, actor, kind, entry, before, comparison, data_key))
    return changes


def _find(
    existing: list[Credential], kind: CredentialKind, entry: CredentialEntry, comparison: Comparison
) -> Credential | None:
    """The credential with the given id; without one the active credential of that name, or one that was revoked elsewhere."""
    if entry.id is not None:
        return next((found for found in existing if found.id == entry.id), None)
    of_that_name = [found for found in existing if (found.kind, found.name) == (kind, entry.name)]
    active = (found for found in of_that_name if not found.is_revoked)
    elsewhere = (newest for newest in of_that_name[-1:] if _is_revoked_elsewhere(newest, comparison))
    return next(active, None) or next(elsewhere, None)


def _is_revoked_elsewhere(found: Credential, comparison: Comparison) -> bool:
    """Whether it was active when the file was last applied. With `--overwrite` a new one is made instead."""
    applied = comparison.find_applied(found.kind, found.id)
    return found.is_revoked and applied.get("revoked") is False and not comparison.overwrites


def _clash(
    existing: list[Credential], kind: CredentialKind, entry: CredentialEntry, before: Credential | None
) -> str | None:
    if before is not None and (before.is_revoked or before.kind != kind):
        return f"the id {before.id} belongs to a revoked {before.kind}" if before.is_revoked else "the id is taken"
    others = [found for found in existing if before is None or found.id != before.id]
    if any((found.kind, found.name, found.is_revoked) == (kind, entry.name, False) for found in others):
        return f"there is a {kind} {entry.name} already, with another id"
    secret = digest(entry.secret) if entry.secret else None
    if any(found.secret_digest == secret for found in others):
        return "the secret belongs to another credential, or to a revoked one"
    return None


async def _revoke(
    conn: Connection,
    actor: Actor,
    kind: CredentialKind,
    entry: CredentialEntry,
    before: Credential | None,
    comparison: Comparison,
) -> Change:
    is_revoked_now = before is not None and await actions.revoke_credential(conn, actor, before.id)
    if before is not None:
        comparison.remember(kind, before.id, {"name": entry.name, "revoked": True})
    return Change(action="revoke" if is_revoked_now else "unchanged", what=kind, name=entry.name)


def _compare_revoked(
    kind: CredentialKind, entry: CredentialEntry, before: Credential, comparison: Comparison, data_key: DataKey
) -> Change:
    """Stays revoked. A file that wants something new of it contradicts that."""
    merged = comparison.merge(kind, entry.name, before.id, _says(entry, data_key), stands_of(before, data_key))
    if merged.change.action == "update":
        [revoked] = [each for each in merged.change.kept if each.field == "revoked"]
        comparison.refuse(kind, entry.name, revoked)
    comparison.remember(kind, before.id, merged.fields)
    return merged.change


async def _apply(
    conn: Connection,
    actor: Actor,
    kind: CredentialKind,
    entry: CredentialEntry,
    before: Credential | None,
    comparison: Comparison,
    data_key: DataKey,
) -> Change:
    if before is None:
        credential_id, secret = await actions.create_credential(
            conn, actor, kind, entry.name, entry.scopes, credential_id=entry.id, secret=entry.secret
        )
        comparison.remember(kind, credential_id, _says(entry, data_key))
        shown = None if entry.secret else secret
        return Change(action="create", what=kind, name=entry.name, id=credential_id, secret=shown)
    merged = comparison.merge(kind, entry.name, before.id, _says(entry, data_key), stands_of(before, data_key))
    await actions.update_credential(
        conn,
        actor,
        before,
        before.name if "name" in merged.kept else entry.name,
        before.scopes if "scopes" in merged.kept else entry.scopes,
        None if "secret" in merged.kept else entry.secret,
    )
    comparison.remember(kind, before.id, merged.fields)
    return merged.change


def _says(entry: CredentialEntry, data_key: DataKey) -> Fields:
    fields: Fields = {"name": entry.name, "scopes": sorted(set(entry.scopes)), "revoked": entry.revoked}
    return fields | ({"secret": secret_digest(data_key, digest(entry.secret))} if entry.secret else {})


def stands_of(credential: Credential, data_key: DataKey) -> Fields:
    """As the file says it, with a digest in place of the secret."""
    return {
        "name": credential.name,
        "scopes": credential.scopes,
        "revoked": credential.is_revoked,
        "secret": secret_digest(data_key, credential.secret_digest),
    }
