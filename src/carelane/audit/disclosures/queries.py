"""Every SQL statement about what of a patient was told to others."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.audit.disclosures.schemas import DisclosureKind, DisclosurePeriod
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi

# Events, reads and messages of one record that are looked at, of the days that were asked for; more, where more lines are wanted.
_MOST_OF_ONE = 2_000

_PATIENT: LiteralString = "SELECT first_name, last_name FROM patients WHERE organization_id = %s AND id = %s"
_WITHIN: LiteralString = "BETWEEN %(begins_at)s AND %(ends_at)s"
# A line for each day, recipient and kind. Each record is looked at by its own indexes, a replay by what it repeats: always the first.
_LIST: LiteralString = f"""
WITH mine AS MATERIALIZED (
  SELECT m.id FROM unnest(%(records)s::uuid[]) m (id)
), looked AS MATERIALIZED (
  SELECT m.id AS record_id, 'TARGET' AS side, e.id, e.type, e.case_id FROM mine m, LATERAL (
    SELECT * FROM events n WHERE n.organization_id = %(organization_id)s AND n.target_id = m.id AND n.created_at <= %(ends_at)s
    ORDER BY n.id DESC LIMIT %(most_of_one)s) e
  UNION ALL
  SELECT m.id, 'CASE', e.id, e.type, e.case_id FROM mine m, LATERAL (
    SELECT * FROM events n WHERE n.organization_id = %(organization_id)s AND n.case_id = m.id AND n.created_at <= %(ends_at)s
    ORDER BY n.id DESC LIMIT %(most_of_one)s) e
), happened AS MATERIALIZED (
  SELECT DISTINCT id, type, case_id FROM looked
), seen AS MATERIALIZED (
  SELECT r.* FROM mine m, LATERAL (
    SELECT * FROM phi_reads n WHERE n.organization_id = %(organization_id)s AND n.record_id = m.id
      AND n.created_at {_WITHIN} AND n.actor_kind IN ('key', 'client', 'system')
    ORDER BY n.id DESC LIMIT %(most_of_one)s) r
), sent AS MATERIALIZED (
  SELECT g.* FROM mine m, LATERAL (
    SELECT n.record_id, n.record_kind, n.channel, n.kind, n.settled_at FROM messages n
    WHERE n.organization_id = %(organization_id)s AND n.record_id = m.id AND n.status = 'SENT' AND n.settled_at {_WITHIN}
    ORDER BY n.id DESC LIMIT %(most_of_one)s) g
), told AS (
  SELECT 'PHARMACY' AS kind, o.sent_at AS at, coalesce(p.name, o.pharmacy_name) AS recipient, 'order' AS what, NULL AS why, o.case_id
  FROM mine m JOIN orders o ON o.organization_id = %(organization_id)s AND o.id = m.id
  LEFT JOIN pharmacies p ON p.organization_id = o.organization_id AND p.id = o.pharmacy_id
  WHERE o.sent_at {_WITHIN}
  UNION ALL
  SELECT 'WEBHOOK', d.delivered_at, w.name || ', ' || w.url, h.type, w.payload, h.case_id
  FROM happened h JOIN webhook_endpoints w ON w.organization_id = %(organization_id)s
  CROSS JOIN LATERAL (
    SELECT v.id, v.status, v.delivered_at FROM webhook_deliveries v
    WHERE v.organization_id = %(organization_id)s AND v.endpoint_id = w.id AND v.event_id = h.id AND v.replay_of_id IS NULL
    LIMIT 1) v
  CROSS JOIN LATERAL (
    SELECT v.status, v.delivered_at
    UNION ALL (SELECT r.status, r.delivered_at FROM webhook_deliveries r
      WHERE r.organization_id = %(organization_id)s AND r.replay_of_id = v.id OFFSET 0)) d
  WHERE d.status = 'DELIVERED' AND d.delivered_at {_WITHIN}
  UNION ALL
  SELECT 'OLD_WEBHOOK', s.created_at, NULL, s.record_kind, NULL, CASE WHEN s.record_kind = 'case' THEN s.record_id END
  FROM seen s WHERE s.actor_kind = 'system' AND s.reason = 'webhook' AND s.created_at < %(deliveries_since)s
  UNION ALL
  SELECT 'MESSAGE', g.settled_at, g.channel, g.kind, NULL, CASE WHEN g.record_kind = 'case' THEN g.record_id END
  FROM sent g
  UNION ALL
  SELECT 'PROGRAM', s.created_at, k.name, s.record_kind, s.reason, CASE WHEN s.record_kind = 'case' THEN s.record_id END
  FROM seen s LEFT JOIN credentials k ON k.organization_id = %(organization_id)s AND k.id = s.actor_id
  WHERE s.actor_kind IN ('key', 'client')
  UNION ALL
  SELECT 'LINK', s.created_at, NULL, s.record_kind, NULL, CASE WHEN s.record_kind = 'case' THEN s.record_id END
  FROM seen s WHERE s.actor_kind = 'system' AND s.reason = 'signed link'
  UNION ALL
  SELECT 'GATEWAY', c.updated_at, a.provider, 'customer', NULL, NULL
  FROM mine m JOIN gateway_accounts a ON a.organization_id = %(organization_id)s
  JOIN gateway_customers c ON c.organization_id = %(organization_id)s AND c.gateway_account_id = a.id AND c.patient_id = m.id
  WHERE c.updated_at {_WITHIN}
), line AS (
SELECT t.kind, (t.at AT TIME ZONE %(timezone)s)::date AS day, max(t.at) AS at, count(*) AS times, t.recipient, t.what, t.why,
  c.short_id AS case_short_id
FROM told t LEFT JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = t.case_id
GROUP BY t.kind, day, t.recipient, t.what, t.why, c.short_id
ORDER BY at DESC, t.kind, t.recipient, t.what, c.short_id LIMIT %(most)s
), cut AS (
  SELECT record_id FROM looked GROUP BY record_id, side HAVING count(*) >= %(most_of_one)s
  UNION ALL SELECT record_id FROM seen GROUP BY record_id HAVING count(*) >= %(most_of_one)s
  UNION ALL SELECT record_id FROM sent GROUP BY record_id HAVING count(*) >= %(most_of_one)s
)
SELECT f.is_cut, l.* FROM (SELECT EXISTS (SELECT FROM cut) AS is_cut) f LEFT JOIN line l ON true
ORDER BY l.at DESC, l.kind, l.recipient, l.what, l.case_short_id
"""


class DisclosureRow(Phi, msgspec.Struct, frozen=True):
    """In the order of the statement. What was told: names of events, kinds of messages and of records, as they are kept."""

    kind: DisclosureKind
    day: date
    at: datetime
    times: int
    recipient: str | None
    what: str
    why: str | None
    case_short_id: str | None


async def find_name(conn: Connection, organization_id: UUID, patient_id: UUID) -> tuple[str | None, str | None]:
    row = await (await conn.execute(_PATIENT, (organization_id, patient_id))).fetchone()
    return (row[0], row[1]) if row else (None, None)


async def list_disclosures(
    conn: Connection,
    organization_id: UUID,
    records: Sequence[UUID],
    period: DisclosurePeriod,
    deliveries_since: datetime,
    most: int,
) -> tuple[list[DisclosureRow], bool]:
    """The newest first; and whether there was more of a record than was looked at."""
    values: dict[str, object] = msgspec.structs.asdict(period) | {
        "organization_id": organization_id,
        "records": uuid_array(records),
        "deliveries_since": deliveries_since,
        "most_of_one": max(_MOST_OF_ONE, most),
        "most": most,
    }
    found = await (await conn.execute(_LIST, values)).fetchall()
    # Without a line there is one row all the same, which says whether that is all.
    return [DisclosureRow(*row[1:]) for row in found if row[1] is not None], found[0][0]
