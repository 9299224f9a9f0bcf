"""Every SQL statement of the desk of payments. Acts lock and save through `payments.queries`."""

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.desk.schemas import PaymentFilter
from carelane.payments.states import Method, Policy, Stage, Status, Wanted

# What a sealed resolution is bound to.
RESOLUTION = "payments.resolution_sealed"

_ROW: LiteralString = """
SELECT y.id, y.case_id, c.short_id AS case_short_id, y.charge_id, y.method, y.policy, y.status, y.stage, y.wanted, y.is_test,
  y.currency, y.amount_cents, y.captured_cents, y.refunded_cents, y.disputed_cents, CASE WHEN y.method = 'GATEWAY' THEN coalesce((
    SELECT sum(r.amount_cents) FROM refunds r WHERE r.organization_id = y.organization_id AND r.payment_id = y.id
      AND r.status IN ('GRANTED', 'SENDING')), 0)::bigint END AS promised_cents, EXISTS (
    SELECT FROM disputes d WHERE d.organization_id = y.organization_id AND d.payment_id = y.id AND d.status = 'OPEN') AS is_disputed,
  y.failure, y.decline_code, y.tries, y.next_step_at, y.decided_at, y.paid_at, y.canceled_at, y.valid_until, y.created_at,
  y.updated_at, y.resolution_sealed
"""
_CASE: LiteralString = "LEFT JOIN cases c ON c.organization_id = y.organization_id AND c.id = y.case_id"
_FITTING: LiteralString = "FROM payments y WHERE y.organization_id = %(organization_id)s AND y.deleted_at IS NULL"
_NEWEST: LiteralString = "ORDER BY y.id DESC LIMIT %(most)s"
# Until another card or a member of staff: as the partial index says it, so that it is used.
_HAS_FAILED: LiteralString = "y.stage IN ('NEEDS_CARD', 'NEEDS_STAFF')"
_CONDITIONS: dict[str, LiteralString] = {
    "case_id": " AND y.case_id = %(case_id)s",
    "charge_id": " AND y.charge_id = %(charge_id)s",
    "has_failed": f" AND {_HAS_FAILED}",
    "after": " AND y.id < %(after)s",
}
_RESOLVE: LiteralString = """
UPDATE payments SET resolution_sealed = %s, resolved_by_staff_id = %s, updated_at = now() WHERE organization_id = %s AND id = %s
"""
_UPDATED_AT: LiteralString = "SELECT updated_at FROM payments WHERE organization_id = %s AND id = %s"

_COUNT_FAILED: LiteralString = f"""
SELECT count(*) FROM (SELECT FROM payments y WHERE y.organization_id = %s AND {_HAS_FAILED}
  AND y.deleted_at IS NULL LIMIT %s) y
"""


class PaymentRecord(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`promised_cents`: granted or being sent; null of what no gateway took."""

    id: UUID
    case_id: UUID | None
    case_short_id: str | None
    charge_id: UUID | None
    method: Method
    policy: Policy
    status: Status
    stage: Stage
    wanted: Wanted | None
    is_test: bool
    currency: str
    amount_cents: int
    captured_cents: int
    refunded_cents: int
    disputed_cents: int
    promised_cents: int | None
    is_disputed: bool
    failure: str | None
    decline_code: str | None
    tries: int
    next_step_at: datetime | None
    decided_at: datetime | None
    paid_at: datetime | None
    canceled_at: datetime | None
    valid_until: date | None
    created_at: datetime
    updated_at: datetime
    resolution_sealed: bytes | None


async def list_payments(
    conn: Connection, organization_id: UUID, wanted: PaymentFilter, most: int
) -> list[PaymentRecord]:
    """The newest first: ids are in the order they were made in. The page is cut before anything is looked up for it."""
    values = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    chosen: LiteralString = "".join(condition for name, condition in _CONDITIONS.items() if name in values)
    cut: LiteralString = f"SELECT * {_FITTING}{chosen} {_NEWEST}"
    if wanted.stages is not None:
        # The newest of each, which an index has in order, and of those the newest.
        cut = f"""SELECT y.* FROM unnest(%(stages)s::text[]) one (stage), LATERAL (
  SELECT * {_FITTING}{chosen} AND y.stage = one.stage {_NEWEST}) y {_NEWEST}"""
    async with conn.cursor(row_factory=class_row(PaymentRecord)) as cursor:
        await cursor.execute(
            f"{_ROW} FROM ({cut}) y {_CASE} ORDER BY y.id DESC",
            values | {"organization_id": organization_id, "most": most},
        )
        return await cursor.fetchall()


async def find_record(conn: Connection, organization_id: UUID, payment_id: UUID) -> PaymentRecord | None:
    statement: LiteralString = f"{_ROW} FROM (SELECT * {_FITTING} AND y.id = %(id)s) y {_CASE}"
    async with conn.cursor(row_factory=class_row(PaymentRecord)) as cursor:
        await cursor.execute(statement, {"organization_id": organization_id, "id": payment_id})
        return await cursor.fetchone()


async def find_updated_at(conn: Connection, organization_id: UUID, payment_id: UUID) -> datetime | None:
    row = await (await conn.execute(_UPDATED_AT, (organization_id, payment_id))).fetchone()
    return row[0] if row else None


async def set_resolution(
    conn: Connection, organization_id: UUID, payment_id: UUID, sealed: bytes, staff_id: UUID | None
) -> None:
    await conn.execute(_RESOLVE, (sealed, staff_id, organization_id, payment_id))


async def count_failed(conn: Connection, organization_id: UUID, most: int) -> int:
    """Payments that wait for another card or for staff, counted to `most`."""
    row = await (await conn.execute(_COUNT_FAILED, (organization_id, most))).fetchone()
    return int(row[0]) if row else 0
