"""Which records an organization file can name, in the order they were made."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection

# Forms that only came with cases belong to them.
_IDS: LiteralString = """
SELECT json_build_object(
  'products', ARRAY(SELECT id FROM products WHERE organization_id = %(id)s ORDER BY created_at, name, id),
  'forms', ARRAY(SELECT f.id FROM forms f WHERE f.organization_id = %(id)s AND f.product_id IS NULL
    AND EXISTS (SELECT FROM form_versions v WHERE v.organization_id = f.organization_id AND v.form_id = f.id AND NOT v.is_dynamic)
    ORDER BY f.created_at, f.name, f.id),
  'bundles', ARRAY(SELECT id FROM bundles WHERE organization_id = %(id)s
    ORDER BY archived_at IS NOT NULL, created_at, name, id),
  'promo_codes', ARRAY(SELECT id FROM promo_codes WHERE organization_id = %(id)s ORDER BY created_at, code, id),
  'locations', ARRAY(SELECT id FROM locations WHERE organization_id = %(id)s
    ORDER BY archived_at IS NOT NULL, created_at, name, id),
  'taxes', ARRAY(SELECT id FROM taxes WHERE organization_id = %(id)s ORDER BY archived_at IS NOT NULL, created_at, name, id),
  'pharmacies', ARRAY(SELECT id FROM pharmacies WHERE organization_id = %(id)s ORDER BY created_at, code, id),
  'drugs', ARRAY(SELECT id FROM drugs WHERE organization_id = %(id)s ORDER BY created_at, code, id))::text
"""


class RecordIds(msgspec.Struct, frozen=True, kw_only=True):
    """Those that are in use come before archived ones: where two have a name, the file keeps the first."""

    products: list[UUID]
    forms: list[UUID]
    bundles: list[UUID]
    promo_codes: list[UUID]
    locations: list[UUID]
    taxes: list[UUID]
    pharmacies: list[UUID]
    drugs: list[UUID]


async def get_record_ids(conn: Connection, organization_id: UUID) -> RecordIds:
    row = (await (await conn.execute(_IDS, {"id": organization_id})).fetchall())[0]
    return msgspec.json.decode(row[0], type=RecordIds)
