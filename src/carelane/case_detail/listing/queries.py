"""The one statement that gathers a page of cases."""

from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.case_detail.listing.schemas import CasesWanted
from carelane.case_detail.queries import MAX_ROWS_PER_LIST, Parts, case_json
from carelane.case_detail.schemas import CaseDetailRecord
from carelane.kit.db import Connection

# In the database's answer, where sealed texts are twice as long; a page ends before the case that would go beyond it.
MAX_PAGE_BYTES = 16_777_216

_STATUSES: LiteralString = " AND c.status = ANY(%(statuses)s::text[])"
# The first half is what lets the index be used. Nothing follows an unknown case.
_AFTER: LiteralString = """
    AND c.created_at >= (SELECT b.created_at FROM cases b WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)
    AND (c.created_at, c.id) > (SELECT b.created_at, b.id FROM cases b
      WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)"""


@cache
def _statement(parts: Parts, has_statuses: bool, has_after: bool) -> LiteralString:
    return f"""
SELECT shown.content, shown.total FROM (
  SELECT one.content, one.place, count(*) OVER () AS total,
    sum(octet_length(one.content)) OVER (ORDER BY one.place) - octet_length(one.content) AS before_bytes
  FROM (
    SELECT {case_json(parts)}::text AS content, row_number() OVER (ORDER BY c.created_at, c.id) AS place FROM (
      SELECT c.* FROM cases c WHERE c.organization_id = %(organization_id)s
        AND c.created_at >= %(start)s AND c.created_at < %(end)s{_STATUSES if has_statuses else ""}{_AFTER if has_after else ""}
      ORDER BY c.created_at, c.id LIMIT %(limit)s) c
    JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id) one) shown
WHERE shown.before_bytes < %(most_bytes)s ORDER BY shown.place
"""


class Page(msgspec.Struct, frozen=True):
    """Its cases, still sealed, and whether there are more."""

    cases: list[CaseDetailRecord]
    has_more: bool


async def list_cases(
    conn: Connection, organization_id: UUID, wanted: CasesWanted, most_bytes: int = MAX_PAGE_BYTES
) -> Page:
    """The oldest cases first. One round trip."""
    statement = _statement(wanted.parts, wanted.statuses is not None, wanted.after is not None)
    values = {
        "organization_id": organization_id,
        "start": wanted.start,
        "end": wanted.end,
        "statuses": wanted.statuses,
        "after": wanted.after,
        # One more than is shown tells whether there are more.
        "limit": wanted.limit + 1,
        "most": MAX_ROWS_PER_LIST,
        "most_bytes": most_bytes,
    }
    rows = await (await conn.execute(statement, values)).fetchall()
    shown = rows[: wanted.limit]
    cases = [msgspec.json.decode(content, type=CaseDetailRecord) for content, _ in shown]
    return Page(cases, bool(rows) and rows[0][1] > len(shown))
