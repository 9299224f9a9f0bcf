"""The statement of the report of tips."""

from typing import LiteralString

from psycopg.rows import class_row

from carelane.charges.tips_report.schemas import TipPeriod, TipReportRowOut
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, uuid_array

# Of the days asked for, by their index.
_LIST: LiteralString = """
SELECT g.id::text AS id, ((g.created_at AT TIME ZONE %(timezone)s)::date)::text AS date, coalesce(c.given_id, c.id::text) AS charge_id,
  c.status AS charge_status, coalesce(l.given_id, l.id::text) AS location_id, l.name AS location_name,
  coalesce(s.given_id, s.id::text) AS provider_id, concat_ws(' ', s.first_name, s.last_name) AS provider_name,
  g.amount_cents AS amount, c.currency
FROM charge_tips g
JOIN charges c ON c.organization_id = g.organization_id AND c.id = g.charge_id
JOIN staff s ON s.organization_id = g.organization_id AND s.id = g.staff_id
LEFT JOIN locations l ON l.organization_id = c.organization_id AND l.id = c.location_id
WHERE g.organization_id = %(organization_id)s AND g.removed_at IS NULL
  AND g.created_at >= %(begins_at)s AND g.created_at < %(ends_at)s
  AND c.voided_at IS NULL AND c.archived_at IS NULL AND NOT c.is_test {places}
ORDER BY g.created_at, g.id LIMIT %(most)s
"""
_AT_PLACES: LiteralString = "AND c.location_id = ANY(%(location_ids)s::uuid[])"


async def list_tips(conn: Connection, actor: Actor, period: TipPeriod, most: int) -> list[TipReportRowOut]:
    """Oldest first."""
    statement = _LIST.format(places="" if period.location_ids is None else _AT_PLACES)
    values: dict[str, object] = {
        "organization_id": actor.organization_id,
        "timezone": period.timezone,
        "begins_at": period.begins_at,
        "ends_at": period.ends_at,
        "most": most,
        "location_ids": uuid_array(period.location_ids or ()),
    }
    async with conn.cursor(row_factory=class_row(TipReportRowOut)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()
