"""Statements about tips."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.charges.tips.schemas import TipOut
from carelane.kit.db import Connection
from carelane.staff.billing.queries import PROVIDER

# A tip `g` of a charge `c`, as JSON that reads as a TipOut.
TIP: LiteralString = f"""
json_build_object('id', g.id, 'chargeId', coalesce(c.given_id, c.id::text), 'amount', g.amount_cents,
  'providerId', (SELECT coalesce(s.given_id, s.id::text) FROM staff s WHERE s.organization_id = g.organization_id AND s.id = g.staff_id),
  'provider', (SELECT {PROVIDER} FROM staff s WHERE s.organization_id = g.organization_id AND s.id = g.staff_id))
"""
# Of a charge `c`, as JSON that reads as a list of TipOut.
TIPS: LiteralString = f"""
coalesce((SELECT json_agg({TIP} ORDER BY g.created_at, g.id) FROM charge_tips g
  WHERE g.organization_id = c.organization_id AND g.charge_id = c.id AND g.removed_at IS NULL), '[]')
"""
_JOINED: LiteralString = """
FROM charge_tips g JOIN charges c ON c.organization_id = g.organization_id AND c.id = g.charge_id AND c.archived_at IS NULL
WHERE g.organization_id = %(organization_id)s AND g.id = %(id)s AND g.removed_at IS NULL
"""
_FIND: LiteralString = f"SELECT {TIP}::text {_JOINED}"
# Its charge is locked, which whoever changes a tip locks first.
_GET_STANDING: LiteralString = """
SELECT id, charge_id, staff_id, amount_cents FROM charge_tips
WHERE organization_id = %(organization_id)s AND id = %(id)s AND removed_at IS NULL
"""
_LIST_STANDING: LiteralString = """
SELECT id, charge_id, staff_id, amount_cents FROM charge_tips
WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s AND removed_at IS NULL ORDER BY id
"""
_INSERT: LiteralString = """
INSERT INTO charge_tips (organization_id, id, charge_id, staff_id, amount_cents)
VALUES (%(organization_id)s, %(id)s, %(charge_id)s, %(staff_id)s, %(amount_cents)s)
"""
_UPDATE: LiteralString = """
UPDATE charge_tips SET staff_id = %(staff_id)s, amount_cents = %(amount_cents)s, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_REMOVE: LiteralString = """
UPDATE charge_tips SET removed_at = now() WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_INSERT_CHANGE: LiteralString = """
INSERT INTO tip_changes (organization_id, id, tip_id, staff_id, amount_cents)
VALUES (%(organization_id)s, %(id)s, %(tip_id)s, %(staff_id)s, %(amount_cents)s)
"""


class StandingTip(msgspec.Struct, frozen=True):
    id: UUID
    charge_id: UUID
    staff_id: UUID
    amount_cents: int


class TipChange(msgspec.Struct, frozen=True, kw_only=True):
    """So much more for this member; below nothing, less."""

    id: UUID
    tip_id: UUID
    staff_id: UUID
    amount_cents: int


async def find_tip(conn: Connection, organization_id: UUID, tip_id: UUID) -> TipOut | None:
    row = await (await conn.execute(_FIND, {"organization_id": organization_id, "id": tip_id})).fetchone()
    return msgspec.json.decode(row[0], type=TipOut) if row else None


async def find_standing(conn: Connection, organization_id: UUID, tip_id: UUID) -> StandingTip | None:
    row = await (await conn.execute(_GET_STANDING, {"organization_id": organization_id, "id": tip_id})).fetchone()
    return StandingTip(*row) if row else None


async def list_standing(conn: Connection, organization_id: UUID, charge_id: UUID) -> list[StandingTip]:
    cursor = await conn.execute(_LIST_STANDING, {"organization_id": organization_id, "charge_id": charge_id})
    return [StandingTip(*row) for row in await cursor.fetchall()]


async def insert_tip(conn: Connection, organization_id: UUID, tip: StandingTip) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(tip) | {"organization_id": organization_id})


async def save_tip(conn: Connection, organization_id: UUID, tip: StandingTip) -> None:
    await conn.execute(_UPDATE, msgspec.structs.asdict(tip) | {"organization_id": organization_id})


async def set_removed(conn: Connection, organization_id: UUID, tip_id: UUID) -> None:
    await conn.execute(_REMOVE, {"organization_id": organization_id, "id": tip_id})


async def insert_change(conn: Connection, organization_id: UUID, change: TipChange) -> None:
    await conn.execute(_INSERT_CHANGE, msgspec.structs.asdict(change) | {"organization_id": organization_id})
