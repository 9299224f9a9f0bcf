"""Every SQL statement about products and bundles."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection

MAX_BUNDLES = 1_000

_BUNDLE: LiteralString = """
SELECT id, name, image_url, description, price_cents, currency, initial_discount_cents, is_sold_out, is_visible,
       intake_form_id, followup_form_id
FROM bundles WHERE organization_id = %(organization_id)s AND archived_at IS NULL
"""


class Bundle(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    image_url: str | None
    description: str | None
    price_cents: int
    currency: str
    initial_discount_cents: int
    is_sold_out: bool
    is_visible: bool
    intake_form_id: UUID | None
    followup_form_id: UUID | None


async def list_bundles(conn: Connection, organization_id: UUID, is_visible: bool | None) -> list[Bundle]:
    """The oldest MAX_BUNDLES bundles that are not archived, in the order they were made; `is_visible` None: all."""
    cursor = await conn.execute(
        _BUNDLE
        + "AND (%(is_visible)s::boolean IS NULL OR is_visible = %(is_visible)s) ORDER BY created_at, id LIMIT %(most)s",
        {"organization_id": organization_id, "is_visible": is_visible, "most": MAX_BUNDLES},
    )
    return [Bundle(*row) for row in await cursor.fetchall()]


async def find_bundle(conn: Connection, organization_id: UUID, bundle_id: UUID) -> Bundle | None:
    """None for an archived one too."""
    cursor = await conn.execute(_BUNDLE + "AND id = %(id)s", {"organization_id": organization_id, "id": bundle_id})
    row = await cursor.fetchone()
    return Bundle(*row) if row else None
