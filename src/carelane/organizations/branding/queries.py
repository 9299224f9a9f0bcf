"""Every SQL statement about branding, and the row types."""

from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from carelane.kit.db import LOCK, Connection
from carelane.organizations.branding.schemas import Look

_FIND: LiteralString = "SELECT organization_id, revision FROM find_storefront(%s, %s)"
_FIND_RECORD: LiteralString = """
SELECT (content || jsonb_build_object('id', id, 'link_name', link_name, 'form_id', form_id,
  'default_bundle_id', default_bundle_id))::text
FROM branding WHERE organization_id = %s
"""
_SHOWN: LiteralString = """
SELECT o.name, o.case_type, (b.content || jsonb_build_object('id', b.id, 'link_name', b.link_name, 'form_id', b.form_id,
  'default_bundle_id', b.default_bundle_id))::text
FROM organizations o LEFT JOIN branding b ON b.organization_id = o.id WHERE o.id = %s
"""
_SAVE: LiteralString = """
INSERT INTO branding (organization_id, id, link_name, form_id, default_bundle_id, content)
VALUES (%(organization_id)s, %(id)s, %(link_name)s, %(form_id)s, %(default_bundle_id)s, %(content)s)
ON CONFLICT (organization_id) DO UPDATE SET
  link_name = excluded.link_name, form_id = excluded.form_id, default_bundle_id = excluded.default_bundle_id,
  content = excluded.content, updated_at = now()
"""
_COLUMNS = ("id", "link_name", "form_id", "default_bundle_id")


class Branding(Look, frozen=True, kw_only=True, rename=None, forbid_unknown_fields=False):
    """The record. `form_id` and `default_bundle_id` are what a storefront asks and offers unless told otherwise."""

    id: UUID
    link_name: str
    form_id: UUID | None = None
    default_bundle_id: UUID | None = None


class FoundStorefront(msgspec.Struct, frozen=True):
    """Whose storefront it is. Nothing that it shows has changed while `revision` is the same."""

    organization_id: UUID
    revision: int


class ShownOrganization(msgspec.Struct, frozen=True):
    name: str
    case_type: str
    branding: Branding | None


async def find_storefront(
    conn: Connection, organization_id: UUID | None, link_name: str | None
) -> FoundStorefront | None:
    """By either. Works in `db.across()`."""
    row = await (await conn.execute(_FIND, (link_name, organization_id))).fetchone()
    return FoundStorefront(*row) if row else None


async def find_branding(conn: Connection, organization_id: UUID, *, lock: LiteralString = "") -> Branding | None:
    row = await (await conn.execute(_FIND_RECORD + lock, (organization_id,))).fetchone()
    return msgspec.json.decode(row[0], type=Branding) if row else None


lock_branding = partial(find_branding, lock=LOCK)


async def get_shown(conn: Connection, organization_id: UUID) -> ShownOrganization:
    """Of an organization that is known to exist."""
    row = await (await conn.execute(_SHOWN, (organization_id,))).fetchone()
    if row is None:
        raise LookupError("the organization is gone")
    return ShownOrganization(row[0], row[1], msgspec.json.decode(row[2], type=Branding) if row[2] else None)


async def save_branding(conn: Connection, organization_id: UUID, branding: Branding) -> None:
    plain = msgspec.to_builtins(branding)
    columns = {column: plain.pop(column) for column in _COLUMNS}
    await conn.execute(_SAVE, columns | {"organization_id": organization_id, "content": Jsonb(plain)})
