"""The checks' statements, and the pages that they go through.

Each looks at the records of one organization from behind `after` up to `last`, and returns what is wrong with them and nothing
else. A statement sees one moment: whatever is written meanwhile, it compares what belongs together. `acts` are those of the ledger
that it adds up.
"""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.payments.invariants.books.queries import CHARGES, POSTINGS, SNAPSHOTS
from carelane.payments.invariants.care.queries import APPROVAL, DISPENSES, SHIPMENT, TOLD
from carelane.payments.invariants.desk.queries import BY_LINE, CREDIT_ACCOUNTS, CREDITS, PARTS, RETURNED
from carelane.payments.invariants.plans.queries import PLANS
from carelane.payments.invariants.schemas import Finding, Invariant
from carelane.payments.invariants.sums.queries import ATTEMPTS, DISPUTES, ELSEWHERE, INTENTS, REFUNDS, SUMS

_TABLES: tuple[LiteralString, ...] = (
    "payments",
    "charges",
    "ledger_postings",
    "ledger_accounts",
    "patient_credits",
    "payment_plans",
    "orders",
)
_PAGE_END: dict[str, LiteralString] = {
    table: f"""
SELECT id FROM (SELECT id FROM {table} WHERE organization_id = %(organization_id)s AND id > %(after)s ORDER BY id LIMIT %(most)s) p
ORDER BY id DESC LIMIT 1
"""
    for table in _TABLES
}
_COUNT: dict[str, LiteralString] = {
    table: f"SELECT count(*) FROM {table} WHERE organization_id = %s" for table in _TABLES
}

_ACTS: dict[LiteralString, list[str]] = {
    INTENTS: ["CAPTURE", "FEE"],
    REFUNDS: ["REFUND", "REFUND_FAILED"],
    DISPUTES: ["DISPUTE", "DISPUTE_FEE", "DISPUTE_WON", "DISPUTE_LOST"],
    ELSEWHERE: [
        "EXTERNAL",
        "EXTERNAL_RETURNED",
        "CASH",
        "ARCHIVE",
        "MEDIUM",
        "REFUND",
        "REFUND_FAILED",
        "DISPUTE",
        "DISPUTE_WON",
    ],
}

# By the table whose pages they go through.
CHECKS: dict[str, tuple[tuple[Invariant, LiteralString], ...]] = {
    "payments": (
        ("CAPTURED_IS_RECORDED", SUMS),
        ("CAPTURED_IS_RECORDED", INTENTS),
        ("CAPTURED_IS_RECORDED", REFUNDS),
        ("CAPTURED_IS_RECORDED", DISPUTES),
        ("CAPTURED_IS_RECORDED", ATTEMPTS),
        ("CAPTURED_IS_RECORDED", ELSEWHERE),
        ("CAPTURED_IS_RECORDED", PARTS),
        ("CAPTURED_IS_RECORDED", RETURNED),
        ("CAPTURED_IS_RECORDED", BY_LINE),
        ("NO_CAPTURE_WITHOUT_APPROVAL", APPROVAL),
        ("TOLD_ONCE", TOLD),
    ),
    "charges": (("CAPTURED_IS_RECORDED", CHARGES),),
    "ledger_postings": (("CAPTURED_IS_RECORDED", POSTINGS),),
    "ledger_accounts": (("CAPTURED_IS_RECORDED", CREDIT_ACCOUNTS),),
    "patient_credits": (("CAPTURED_IS_RECORDED", CREDITS),),
    "payment_plans": (("CAPTURED_IS_RECORDED", PLANS),),
    "orders": (("NO_SHIPMENT_WITHOUT_PAYMENT", SHIPMENT), ("ONE_DISPENSE_PER_FILL", DISPENSES)),
}


class Row(msgspec.Struct, frozen=True):
    record: str
    id: str
    problem: str
    expected: int | None
    found: int | None
    currency: str | None


async def count_records(conn: Connection, organization_id: UUID, table: str) -> int:
    row = await (await conn.execute(_COUNT[table], (organization_id,))).fetchone()
    return int(row[0]) if row else 0


async def find_page_end(conn: Connection, organization_id: UUID, table: str, after: UUID, most: int) -> UUID | None:
    """The last of the next page; None: there is no next page."""
    values = {"organization_id": organization_id, "after": after, "most": most}
    row = await (await conn.execute(_PAGE_END[table], values)).fetchone()
    return row[0] if row else None


async def list_wrong(
    conn: Connection, organization_id: UUID, check: tuple[Invariant, LiteralString], after: UUID, last: UUID
) -> list[Finding]:
    """What one of CHECKS says of a page."""
    invariant, statement = check
    values = {"organization_id": organization_id, "after": after, "last": last, "acts": _ACTS.get(statement, [])}
    return await list_findings(conn, invariant, statement, values)


async def list_wrong_snapshots(conn: Connection, organization_id: UUID) -> list[Finding]:
    return await list_findings(conn, "CAPTURED_IS_RECORDED", SNAPSHOTS, {"organization_id": organization_id})


async def list_findings(
    conn: Connection, invariant: Invariant, statement: LiteralString, values: dict[str, object]
) -> list[Finding]:
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(statement, values)
        return [Finding(invariant=invariant, **msgspec.structs.asdict(row)) for row in await cursor.fetchall()]
