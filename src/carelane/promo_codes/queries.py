"""Every SQL statement about promo codes."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, Cursor, to_json, uuid_array

# A storefront shows no more of them.
MAX_VISIBLE = 100


class PromoCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code with all that can be written of it; it takes off a percentage or an amount. No bundles: it is good for all."""

    id: UUID
    code: str
    label: str | None
    description: str | None
    discount_percentage: Decimal | None
    discount_amount_cents: int | None
    currency: str
    bundle_ids: list[UUID]
    starts_at: datetime | None
    ends_at: datetime | None
    max_uses: int | None
    is_active: bool
    is_visible: bool


class Discount(msgspec.Struct, frozen=True):
    discount_percentage: Decimal | None
    discount_amount_cents: int | None
    currency: str


class VisibleCode(msgspec.Struct, frozen=True):
    """A code as a storefront shows it to everybody."""

    code: str
    label: str | None
    description: str | None


class Taken(msgspec.Struct, frozen=True):
    """A code that a case names and that is a record; whether one use of it is now the case's."""

    id: UUID
    code_key: str
    is_reserved: bool


# Of a code `c`. Without a bundle, a code of some bundles is good for the products of those.
_IS_GOOD: LiteralString = """
c.is_active AND (c.starts_at IS NULL OR c.starts_at <= now()) AND (c.ends_at IS NULL OR c.ends_at > now())
AND (NOT EXISTS (SELECT FROM promo_code_bundles b WHERE b.organization_id = c.organization_id AND b.promo_code_id = c.id)
  OR EXISTS (SELECT FROM promo_code_bundles b
             WHERE b.organization_id = c.organization_id AND b.promo_code_id = c.id AND b.bundle_id = %(bundle_id)s)
  OR %(bundle_id)s::uuid IS NULL AND EXISTS (
    SELECT FROM promo_code_bundles b
    JOIN bundle_products p ON p.organization_id = b.organization_id AND p.bundle_id = b.bundle_id
    WHERE b.organization_id = c.organization_id AND b.promo_code_id = c.id
      AND p.product_id = ANY(%(product_ids)s::uuid[])))
"""
_FIND: LiteralString = f"""
SELECT c.discount_percentage, c.discount_amount_cents, c.currency FROM promo_codes c
WHERE c.organization_id = %(organization_id)s AND c.code_key = %(code_key)s AND {_IS_GOOD}
  AND (c.max_uses IS NULL OR c.used_count < c.max_uses)
"""
_LIST_VISIBLE: LiteralString = """
SELECT c.code, c.label, c.description FROM promo_codes c
WHERE c.organization_id = %s AND c.is_visible AND c.is_active AND (c.starts_at IS NULL OR c.starts_at <= now())
  AND (c.ends_at IS NULL OR c.ends_at > now()) AND (c.max_uses IS NULL OR c.used_count < c.max_uses)
ORDER BY c.created_at, c.id LIMIT %s
"""
# Locked in the order of ids, so that two cases with the same codes never deadlock. Who waited for the lock sees what the one
# before made of the count.
_RESERVE: LiteralString = f"""
WITH known AS (
  SELECT c.id, c.code_key, {_IS_GOOD} AS is_good FROM promo_codes c
  WHERE c.organization_id = %(organization_id)s AND c.code_key = ANY(%(code_keys)s::text[])
  ORDER BY c.id FOR NO KEY UPDATE
), reserved AS (
  UPDATE promo_codes c SET used_count = c.used_count + 1 FROM known k
  WHERE c.organization_id = %(organization_id)s AND c.id = k.id AND k.is_good
    AND (c.max_uses IS NULL OR c.used_count < c.max_uses)
  RETURNING c.id)
SELECT k.id, k.code_key, r.id IS NOT NULL FROM known k LEFT JOIN reserved r ON r.id = k.id
"""
_INSERT_USES: LiteralString = """
INSERT INTO promo_code_uses (organization_id, promo_code_id, case_id) SELECT %s, unnest(%s::uuid[]), %s
"""
_RELEASE: LiteralString = """
WITH released AS (
  UPDATE promo_code_uses SET released_at = now()
  WHERE organization_id = %(organization_id)s AND case_id = %(case_id)s AND released_at IS NULL RETURNING promo_code_id
), locked AS (
  SELECT c.id FROM promo_codes c WHERE c.organization_id = %(organization_id)s
    AND c.id IN (SELECT promo_code_id FROM released) ORDER BY c.id FOR NO KEY UPDATE)
UPDATE promo_codes c SET used_count = c.used_count - 1 FROM locked l
WHERE c.organization_id = %(organization_id)s AND c.id = l.id
"""
_TAKE_BACK: LiteralString = """
WITH locked AS (
  SELECT c.id FROM promo_codes c JOIN promo_code_uses u ON u.organization_id = c.organization_id AND u.promo_code_id = c.id
  WHERE c.organization_id = %(organization_id)s AND u.case_id = %(case_id)s AND u.released_at IS NOT NULL
  ORDER BY c.id FOR NO KEY UPDATE OF c
), taken AS (
  UPDATE promo_codes c SET used_count = c.used_count + 1 FROM locked l
  WHERE c.organization_id = %(organization_id)s AND c.id = l.id AND (c.max_uses IS NULL OR c.used_count < c.max_uses)
  RETURNING c.id)
UPDATE promo_code_uses u SET released_at = NULL FROM taken t
WHERE u.organization_id = %(organization_id)s AND u.case_id = %(case_id)s AND u.promo_code_id = t.id
"""
_THESE: LiteralString = """
FROM promo_codes c
WHERE c.organization_id = %s AND (c.id = ANY(%s::uuid[]) OR c.code_key = ANY(%s::text[])) ORDER BY c.id
"""
# In a statement of its own: the bundles that are read with the lock would be those from before the wait for it.
_LOCK: LiteralString = f"SELECT {_THESE} FOR NO KEY UPDATE"
_FIND_THESE: LiteralString = f"""
SELECT c.id, c.code, c.label, c.description, c.discount_percentage, c.discount_amount_cents, c.currency, c.starts_at,
  c.ends_at, c.max_uses, c.is_active, c.is_visible,
  ARRAY(SELECT b.bundle_id FROM promo_code_bundles b
        WHERE b.organization_id = c.organization_id AND b.promo_code_id = c.id ORDER BY b.bundle_id) AS bundle_ids
{_THESE}
"""
_SAVE: LiteralString = """
INSERT INTO promo_codes (organization_id, id, code, label, description, discount_percentage, discount_amount_cents, currency,
  starts_at, ends_at, max_uses, is_active, is_visible)
SELECT %s, id, code, label, description, discount_percentage, discount_amount_cents, currency, starts_at, ends_at, max_uses,
  is_active, is_visible
FROM json_populate_recordset(null::promo_codes, %s)
ON CONFLICT (organization_id, id) DO UPDATE SET
  code = excluded.code, label = excluded.label, description = excluded.description,
  discount_percentage = excluded.discount_percentage, discount_amount_cents = excluded.discount_amount_cents,
  currency = excluded.currency, starts_at = excluded.starts_at, ends_at = excluded.ends_at, max_uses = excluded.max_uses,
  is_active = excluded.is_active, is_visible = excluded.is_visible, updated_at = now()
"""
_TAKE_OUT: LiteralString = "DELETE FROM promo_code_bundles WHERE organization_id = %s AND promo_code_id = %s"
_PUT_IN: LiteralString = """
INSERT INTO promo_code_bundles (organization_id, promo_code_id, bundle_id) SELECT %s, %s, unnest(%s::uuid[])
"""


async def find_discount(
    conn: Connection, organization_id: UUID, code_key: str, bundle_id: UUID | None
) -> Discount | None:
    """What the code takes off now, of the bundle or of everything. None: nothing."""
    values = {"organization_id": organization_id, "code_key": code_key, "bundle_id": bundle_id, "product_ids": "{}"}
    async with conn.cursor(row_factory=class_row(Discount)) as cursor:
        await cursor.execute(_FIND, values)
        return await cursor.fetchone()


async def list_visible(conn: Connection, organization_id: UUID) -> list[VisibleCode]:
    """Those that can be used now, oldest first."""
    async with conn.cursor(row_factory=class_row(VisibleCode)) as cursor:
        await cursor.execute(_LIST_VISIBLE, (organization_id, MAX_VISIBLE))
        return await cursor.fetchall()


async def query_reserved(
    conn: Connection, organization_id: UUID, code_keys: list[str], bundle_id: UUID | None, product_ids: Iterable[UUID]
) -> Cursor:
    """Takes one use of each code that is good. The cursor is for `read_reserved`; nothing is waited for."""
    values = {"organization_id": organization_id, "code_keys": code_keys, "bundle_id": bundle_id}
    return await conn.execute(_RESERVE, values | {"product_ids": uuid_array(product_ids)})


async def read_reserved(cursor: Cursor) -> list[Taken]:
    return [Taken(*row) for row in await cursor.fetchall()]


async def insert_uses(conn: Connection, organization_id: UUID, case_id: UUID, promo_code_ids: list[UUID]) -> None:
    await conn.execute(_INSERT_USES, (organization_id, uuid_array(promo_code_ids), case_id))


async def set_released(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    await conn.execute(_RELEASE, {"organization_id": organization_id, "case_id": case_id})


async def claim_released(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    """Takes what was given back once more, except for what has been used up since."""
    await conn.execute(_TAKE_BACK, {"organization_id": organization_id, "case_id": case_id})


async def find_promo_codes(
    conn: Connection,
    organization_id: UUID,
    ids: Iterable[UUID],
    code_keys: Iterable[str] = (),
    *,
    is_locked: bool = False,
) -> dict[UUID, PromoCode]:
    """Those of `ids` or with one of the codes, which are in lower case; by id."""
    async with conn.cursor(row_factory=class_row(PromoCode)) as cursor:
        values = (organization_id, uuid_array(ids), list(code_keys))
        if is_locked:
            await cursor.execute(_LOCK, values)
        await cursor.execute(_FIND_THESE, values)
        return {code.id: code for code in await cursor.fetchall()}


lock_promo_codes = partial(find_promo_codes, is_locked=True)


async def save_promo_codes(conn: Connection, organization_id: UUID, codes: list[PromoCode]) -> None:
    """Makes their bundles exactly those in `bundle_ids`. What has been used of them stays."""
    await conn.execute(_SAVE, (organization_id, to_json(codes)))
    for code in codes:
        await conn.execute(_TAKE_OUT, (organization_id, code.id))
        await conn.execute(_PUT_IN, (organization_id, code.id, uuid_array(code.bundle_ids)))
