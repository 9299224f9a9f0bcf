"""Statements about invoices. A page of the table is cut from what an index has in order, before anything is looked up for it."""

import time
from datetime import datetime
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.bills.invoices.schemas import InvoiceFilters, InvoiceSetStatus, SortBy
from carelane.bills.receipts.queries import PAYER, PayerRow
from carelane.kit.db import Connection, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.known.queries import found_ids, of_name, values_of
from carelane.patients.queries import STANDS_FOR
from carelane.web.paging import Direction, Page
from carelane.web.totals import TOTALS

# The place that the words of an invoice are bound to.
WORDS = "invoices.message_sealed"
# A name stands for so many patients.
_MAX_NAMED = 500


class InvoiceRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An invoice; `message` is still sealed, in hex."""

    id: UUID
    patient: PayerRow
    location_id: str | None
    method: str
    status: str
    set_status: InvoiceSetStatus
    paid_at: datetime | None
    amount_cents: int
    outstanding_cents: int
    currency: str
    is_test: bool
    message: str | None
    failure: str | None
    attempted: list[dict[str, str]]
    send_at: datetime
    created_at: datetime
    charge_ids: list[str]


class NewInvoice(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    patient_id: UUID
    location_id: UUID | None
    method: str
    amount_cents: int
    currency: str
    is_test: bool
    message_sealed: Sealed | None


class InvoiceCharge(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    invoice_id: UUID
    charge_id: UUID
    amount_cents: int


# An invoice `v` as JSON that reads as an InvoiceRow.
INVOICE: LiteralString = f"""
json_build_object('id', v.id, 'method', v.method, 'status', v.status, 'set_status', v.set_status, 'paid_at', v.paid_at,
  'amount_cents', v.amount_cents, 'currency', v.currency, 'is_test', v.is_test, 'message', encode(v.message_sealed, 'hex'),
  'failure', v.failure, 'attempted', v.attempted, 'send_at', v.send_at, 'created_at', v.created_at,
  'patient', (SELECT {PAYER} FROM patients r
    {STANDS_FOR}
    WHERE r.organization_id = v.organization_id AND r.id = v.patient_id),
  'location_id', (SELECT coalesce(l.given_id, l.id::text) FROM locations l
    WHERE l.organization_id = v.organization_id AND l.id = v.location_id),
  'outstanding_cents', (SELECT coalesce(sum(c.outstanding_cents), 0) FROM invoice_charges i
    JOIN charges c ON c.organization_id = i.organization_id AND c.id = i.charge_id
    WHERE i.organization_id = v.organization_id AND i.invoice_id = v.id),
  'charge_ids', (SELECT coalesce(json_agg(coalesce(c.given_id, c.id::text) ORDER BY i.charge_id), '[]') FROM invoice_charges i
    JOIN charges c ON c.organization_id = i.organization_id AND c.id = i.charge_id
    WHERE i.organization_id = v.organization_id AND i.invoice_id = v.id))
"""
_FIND: LiteralString = f"SELECT {INVOICE}::text FROM invoices v WHERE v.organization_id = %s AND v.id = %s"
_LOCK: LiteralString = "SELECT id FROM invoices WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE"
# Whoever pays one waits until the invoice is there, and is seen by it.
_LOCK_CHARGES: LiteralString = """
SELECT id FROM charges WHERE organization_id = %s AND patient_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
_PATIENT_OF_CHARGE: LiteralString = "SELECT patient_id FROM charges WHERE organization_id = %s AND id = %s"
_INSERT: LiteralString = """
WITH sent AS (SELECT %s::jsonb AS rows), made AS (
  INSERT INTO invoices (organization_id, id, patient_id, location_id, method, amount_cents, currency, is_test, message_sealed)
  SELECT n.organization_id, n.id, n.patient_id, n.location_id, n.method, n.amount_cents, n.currency, n.is_test, n.message_sealed
  FROM sent, jsonb_populate_record(null::invoices, sent.rows -> 'invoice') n)
INSERT INTO invoice_charges (organization_id, invoice_id, charge_id, amount_cents)
SELECT n.organization_id, n.invoice_id, n.charge_id, n.amount_cents
FROM sent, jsonb_populate_recordset(null::invoice_charges, sent.rows -> 'charges') n
"""
_SET_PENDING: LiteralString = """
UPDATE invoices SET status = 'PENDING', method = %s, send_at = now(), failure = NULL WHERE organization_id = %s AND id = %s
"""
_SET_WITHDRAWN: LiteralString = """
UPDATE invoices SET status = 'CANCELLED' WHERE organization_id = %s AND id = %s AND status = 'PENDING'
"""
_SET_OUTCOME: LiteralString = """
UPDATE invoices SET status = %(status)s, failure = %(failure)s, send_at = now(),
  attempted = attempted || jsonb_build_array(jsonb_build_object('method', %(method)s::text, 'status', %(status)s::text,
    'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_NAMED: LiteralString = found_ids("strpos(concat_ws(' ', p.first_name_key, p.last_name_key), %(patient_name)s) > 0")
_CONDITIONS: dict[str, LiteralString] = {
    "location_ids": "v.location_id = ANY(%(location_ids)s::uuid[])",
    "statuses": "v.set_status = ANY(%(statuses)s::text[])",
    "amount": "v.amount_cents BETWEEN (%(amount)s::bigint[])[1] AND (%(amount)s::bigint[])[2]",
    "created_from": "v.created_at >= %(created_from)s",
    "created_until": "v.created_at < %(created_until)s",
    "sent_from": "v.send_at >= %(sent_from)s",
    "sent_until": "v.send_at < %(sent_until)s",
}
_OF_NAMED: LiteralString = f"""(SELECT n.id FROM ({_NAMED}) n LIMIT %(max_named)s) n, LATERAL (
  SELECT * FROM invoices k WHERE k.organization_id = %(organization_id)s AND k.patient_id = n.id) v"""
# The first of each, which an index has in order.
_OF_EACH: dict[str, LiteralString] = {
    "statuses": "unnest(%(statuses)s::text[]) one (value), LATERAL (SELECT * FROM invoices v "
    "WHERE v.organization_id = %(organization_id)s AND v.set_status = one.value{ordered}) v",
    "location_ids": "unnest(%(location_ids)s::uuid[]) one (value), LATERAL (SELECT * FROM invoices v "
    "WHERE v.organization_id = %(organization_id)s AND v.location_id = one.value{ordered}) v",
}
_COLUMNS: dict[SortBy, LiteralString] = {
    "send_time": "v.send_at",
    "created_date": "v.created_at",
    "amount": "v.amount_cents",
    "status": "v.set_status",
}


@cache
def _order(sort_by: SortBy, direction: Direction) -> LiteralString:
    way: LiteralString = "DESC" if direction == "desc" else "ASC"
    among: LiteralString = f", v.send_at {way}" if sort_by == "status" else ""
    return f"ORDER BY {_COLUMNS[sort_by]} {way}{among}, v.id {way}"


@cache
def _fitting(names: tuple[str, ...]) -> LiteralString:
    begin: LiteralString = _OF_NAMED if "patient_name" in names else "invoices v"
    chosen: LiteralString = "".join(f" AND {text}" for name, text in _CONDITIONS.items() if name in names)
    return f"{begin} WHERE v.organization_id = %(organization_id)s{chosen}"


@cache
def _rows(names: tuple[str, ...], sort_by: SortBy, direction: Direction) -> LiteralString:
    if len(names) == 1 and names[0] in _OF_EACH and sort_by == "send_time":
        each: LiteralString = f" {_order(sort_by, direction)} LIMIT %(limit)s + %(offset)s"
        return _OF_EACH[names[0]].replace("{ordered}", each)
    return _fitting(names)


async def list_invoices(
    conn: Connection, organization_id: UUID, filters: InvoiceFilters, page: Page
) -> list[InvoiceRow]:
    values = _values(organization_id, filters) | msgspec.structs.asdict(page)
    order = _order(filters.sort_by, filters.sort_direction)
    rows = _rows(_names(filters), filters.sort_by, filters.sort_direction)
    statement: LiteralString = f"""
SELECT {INVOICE}::text FROM (SELECT v.* FROM {rows} {order} LIMIT %(limit)s OFFSET %(offset)s) v {order}"""
    cursor = await conn.execute(statement, values)
    return [msgspec.json.decode(row[0], type=InvoiceRow) for row in await cursor.fetchall()]


async def count_invoices(conn: Connection, organization_id: UUID, filters: InvoiceFilters) -> int:
    """How many there are in all; a large number may be a while old."""
    values = _values(organization_id, filters)
    key = ("invoices", organization_id, to_json({**values, "sort_by": None, "sort_direction": None}))
    known, began = TOTALS.find(key), time.perf_counter()
    if known is not None:
        return known
    cursor = await conn.execute(f"SELECT count(*) FROM {_fitting(_names(filters))}", values)
    total = int((await cursor.fetchall())[0][0])
    TOTALS.keep(key, total, time.perf_counter() - began)
    return total


async def find_invoice(conn: Connection, organization_id: UUID, invoice_id: UUID) -> InvoiceRow | None:
    row = await (await conn.execute(_FIND, (organization_id, invoice_id))).fetchone()
    return msgspec.json.decode(row[0], type=InvoiceRow) if row else None


async def lock_invoice(conn: Connection, organization_id: UUID, invoice_id: UUID) -> InvoiceRow | None:
    """Locked, then read in a statement of its own."""
    if await (await conn.execute(_LOCK, (organization_id, invoice_id))).fetchone() is None:
        return None
    return await find_invoice(conn, organization_id, invoice_id)


async def lock_charges(conn: Connection, organization_id: UUID, patient_id: UUID, charge_ids: list[UUID]) -> None:
    """Those of the patient."""
    await conn.execute(_LOCK_CHARGES, (organization_id, patient_id, uuid_array(charge_ids)))


async def find_patient_of_charge(conn: Connection, organization_id: UUID, charge_id: UUID) -> UUID | None:
    row = await (await conn.execute(_PATIENT_OF_CHARGE, (organization_id, charge_id))).fetchone()
    return row[0] if row else None


async def insert_invoice(conn: Connection, invoice: NewInvoice, charges: list[InvoiceCharge]) -> None:
    await conn.execute(_INSERT, (to_json({"invoice": invoice, "charges": charges}),))


async def set_pending(conn: Connection, organization_id: UUID, invoice_id: UUID, method: str) -> None:
    await conn.execute(_SET_PENDING, (method, organization_id, invoice_id))


async def set_withdrawn(conn: Connection, organization_id: UUID, invoice_id: UUID) -> None:
    """Its message does not leave any more."""
    await conn.execute(_SET_WITHDRAWN, (organization_id, invoice_id))


async def set_outcome(
    conn: Connection, organization_id: UUID, invoice_id: UUID, method: str, failure: str | None
) -> None:
    """What came of a message. Of an invoice that the transaction has locked."""
    values = {"organization_id": organization_id, "id": invoice_id, "method": method, "failure": failure}
    await conn.execute(_SET_OUTCOME, values | {"status": "SENT" if failure is None else "FAILED"})


def _names(filters: InvoiceFilters) -> tuple[str, ...]:
    return tuple(name for name in (*_CONDITIONS, "patient_name") if getattr(filters, name) is not None)


def _values(organization_id: UUID, filters: InvoiceFilters) -> dict[str, object]:
    values = msgspec.structs.asdict(filters) | {"organization_id": organization_id, "max_named": _MAX_NAMED}
    return values | values_of(*([of_name(filters.patient_name)] if filters.patient_name is not None else []))
