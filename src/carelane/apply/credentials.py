"""Keys and clients of an organization file: made, changed, revoked."""

from uuid import UUID

from carelane.apply.changes import Change
from carelane.apply.reading import InvalidFileError
from carelane.apply.schemas import CredentialEntry, OrganizationFile
from carelane.kit.auth import digest
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem
from carelane.organizations import actions, queries
from carelane.organizations.queries import Credential, CredentialKind


async def apply_credentials(conn: Connection, organization_id: UUID, file: OrganizationFile) -> list[Change]:
    """Raises InvalidFileError when a credential would take the id, name or secret of another."""
    existing = await queries.list_credentials(conn, organization_id)
    sections: list[tuple[CredentialKind, str, list[CredentialEntry]]] = [
        ("key", "keys", file.keys),
        ("client", "clients", file.clients),
    ]
    changes = []
    for kind, section, wanted in sections:
        for index, credential in enumerate(wanted):
            before = _find(existing, kind, credential)
            clash = None if credential.revoked else _clash(existing, kind, credential, before)
            if clash:
                raise InvalidFileError(problems=[FieldProblem(f"{section}[{index}]", clash)])
            changes.append(await _apply(conn, organization_id, kind, credential, before))
    return changes


def _find(existing: list[Credential], kind: CredentialKind, wanted: CredentialEntry) -> Credential | None:
    """The credential with the given id; without one, the active credential of that name."""
    if wanted.id is not None:
        return next((found for found in existing if found.id == wanted.id), None)
    return next(
        (found for found in existing if (found.kind, found.name, found.is_revoked) == (kind, wanted.name, False)), None
    )


def _clash(
    existing: list[Credential], kind: CredentialKind, wanted: CredentialEntry, before: Credential | None
) -> str | None:
    if before is not None and (before.is_revoked or before.kind != kind):
        return f"the id {before.id} belongs to a revoked {before.kind}" if before.is_revoked else "the id is taken"
    others = [found for found in existing if before is None or found.id != before.id]
    if any((found.kind, found.name, found.is_revoked) == (kind, wanted.name, False) for found in others):
        return f"there is a {kind} {wanted.name} already, with another id"
    secret_digest = digest(wanted.secret) if wanted.secret else None
    if any(found.secret_digest == secret_digest for found in others):
        return "the secret belongs to another credential, or to a revoked one"
    return None


async def _apply(
    conn: Connection, organization_id: UUID, kind: CredentialKind, wanted: CredentialEntry, before: Credential | None
) -> Change:
    if wanted.revoked:
        is_revoked_now = before is not None and await actions.revoke_credential(conn, organization_id, before.id)
        return Change(action="revoke" if is_revoked_now else "unchanged", what=kind, name=wanted.name)
    if before is None:
        credential_id, secret = await actions.create_credential(
            conn, organization_id, kind, wanted.name, wanted.scopes, credential_id=wanted.id, secret=wanted.secret
        )
        shown = None if wanted.secret else secret
        return Change(action="create", what=kind, name=wanted.name, id=credential_id, secret=shown)
    after = _changed(before, wanted)
    if after == before:
        return Change(action="unchanged", what=kind, name=wanted.name)
    await queries.save_credential(conn, organization_id, after)
    return Change(action="update", what=kind, name=wanted.name)


def _changed(before: Credential, wanted: CredentialEntry) -> Credential:
    return Credential(
        id=before.id,
        kind=before.kind,
        name=wanted.name,
        secret_digest=digest(wanted.secret) if wanted.secret else before.secret_digest,
        scopes=sorted(set(wanted.scopes)),
    )
