"""Statements of the lists of charges.

A page is cut from what an index has in order, before anything is looked up for it. What patients are known by is looked for among
patients, and their charges are reached from there.
"""

import time
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.charges.queries import CHARGE, ChargeRow
from carelane.charges.schemas import ChargeFilters, ChargeStatus, SortBy
from carelane.kit.db import Connection, to_json
from carelane.patients.known.queries import found_ids, of_name, values_of
from carelane.patients.queries import living
from carelane.web.paging import Direction, Page
from carelane.web.totals import TOTALS

# A name stands for so many patients.
_MAX_NAMED = 500
_NAMED = found_ids("strpos(concat_ws(' ', p.first_name_key, p.last_name_key), %(patient_name)s) > 0")
_CONDITIONS: dict[str, LiteralString] = {
    "ids": "c.id = ANY(%(ids)s::uuid[])",
    "patient_id": f"c.patient_id = {living('%(patient_id)s')}",
    "statuses": "c.status = ANY(%(statuses)s::text[])",
    "external_id": "c.external_id = %(external_id)s",
    "location_ids": "c.location_id = ANY(%(location_ids)s::uuid[])",
    "total": "c.total_cents BETWEEN (%(total)s::bigint[])[1] AND (%(total)s::bigint[])[2]",
    "outstanding": "c.outstanding_cents BETWEEN (%(outstanding)s::bigint[])[1] AND (%(outstanding)s::bigint[])[2]",
    "created_from": "c.created_at >= %(created_from)s",
    "created_until": "c.created_at < %(created_until)s",
    "paid_from": """c.id IN (SELECT y.charge_id FROM payments y WHERE y.organization_id = %(organization_id)s
    AND y.charge_id IS NOT NULL AND y.paid_at >= %(paid_from)s AND y.paid_at < %(paid_until)s UNION ALL
    SELECT s.charge_id FROM payment_charges s JOIN payments y ON y.organization_id = s.organization_id AND y.id = s.payment_id
    WHERE s.organization_id = %(organization_id)s AND y.deleted_at IS NULL
    AND y.paid_at >= %(paid_from)s AND y.paid_at < %(paid_until)s)""",
}
# Where charges are reached from, in place of all charges.
_BEGINS: dict[str, LiteralString] = {
    "patient_name": f"""(SELECT n.id FROM ({_NAMED}) n LIMIT %(max_named)s) n, LATERAL (
  SELECT * FROM charges k WHERE k.organization_id = %(organization_id)s AND k.patient_id = n.id) c""",
    "patient_external_id": """patients p, LATERAL (
  SELECT * FROM charges k WHERE k.organization_id = %(organization_id)s AND k.patient_id = p.id) c""",
    "statuses": """(SELECT DISTINCT v FROM unnest(%(statuses)s::text[]) v) one (value), LATERAL (
  SELECT * FROM charges c WHERE c.organization_id = %(organization_id)s AND c.status = one.value AND c.archived_at IS NULL{ordered}) c""",
    # The planner takes one place for one in a few, and looks through the newest charges rather than in the index of places. It does
    # not know of a range that all in it are equal.
    "location_ids": """(SELECT DISTINCT v FROM unnest(%(location_ids)s::uuid[]) v) one (value), LATERAL (
  SELECT * FROM charges c WHERE c.organization_id = %(organization_id)s AND c.location_id >= one.value AND c.location_id <= one.value
    AND c.archived_at IS NULL{ordered}) c""",
}
_COUNT_OF_STATUS: LiteralString = """
SELECT count(*) FROM (SELECT FROM charges c WHERE c.organization_id = %s AND c.status = %s AND c.archived_at IS NULL LIMIT %s) c
"""
_OF_PATIENT: LiteralString = " AND p.organization_id = %(organization_id)s AND p.external_id = %(patient_external_id)s"
_COLUMNS: dict[SortBy, LiteralString] = {
    "created_date": "c.created_at",
    "total": "c.total_cents",
    "total_outstanding": "c.outstanding_cents",
    "status": "c.status",
}


@cache
def _order(sort_by: SortBy, direction: Direction) -> LiteralString:
    way: LiteralString = "DESC" if direction == "desc" else "ASC"
    if sort_by == "name":
        return f"ORDER BY c.last_name {way} NULLS LAST, c.first_name {way}, c.id {way}"
    if sort_by == "status":
        # The newest of a status first, as its index has them.
        back: LiteralString = "ASC" if direction == "desc" else "DESC"
        return f"ORDER BY c.status {way}, c.created_at {back}, c.id {back}"
    return f"ORDER BY {_COLUMNS[sort_by]} {way}, c.id {way}"


@cache
def _rows(names: tuple[str, ...], sort_by: SortBy, direction: Direction) -> LiteralString:
    """Ids of the charges that fit, with what they are sorted by; more of them than there are on the page, or all."""
    begin = next((name for name in _BEGINS if name in names), None)
    if sort_by == "name":
        return _by_name(_fitting(names), direction)
    taken: LiteralString = "c.id, c.created_at" + ("" if sort_by == "created_date" else f", {_COLUMNS[sort_by]}")
    if names == (begin,) and begin in {"statuses", "location_ids"} and sort_by == "created_date":
        # The newest of each, which an index has in order, and of those the newest.
        order = _order(sort_by, direction)
        if begin == "location_ids":
            # The index has the newest of each first.
            way: LiteralString = "ASC" if direction == "desc" else "DESC"
            order = order.replace("ORDER BY", f"ORDER BY c.location_id {way},")
        each: LiteralString = f" {order} LIMIT %(limit)s + %(offset)s"
        return f"SELECT {taken} FROM {_BEGINS[begin].replace('{ordered}', each)}"
    return f"SELECT {taken} FROM {_fitting(names)}"


@cache
def _fitting(names: tuple[str, ...]) -> LiteralString:
    reached = next((name for name in ("patient_name", "patient_external_id") if name in names), None)
    begin: LiteralString = _BEGINS[reached] if reached else "charges c"
    both: LiteralString = (
        f" AND c.patient_id IN (SELECT p.id FROM patients p WHERE true{_OF_PATIENT})"
        if "patient_external_id" in names and reached == "patient_name" else ""
    )  # fmt: skip
    of: LiteralString = _OF_PATIENT if reached == "patient_external_id" else both
    chosen: LiteralString = "".join(f" AND {text}" for name, text in _CONDITIONS.items() if name in names)
    return f"{begin} WHERE c.organization_id = %(organization_id)s AND c.archived_at IS NULL{of}{chosen}"


def _by_name(fitting: LiteralString, direction: Direction) -> LiteralString:
    """From the patients in the order of their names to the charges of each."""
    if not fitting.startswith("charges c"):
        return f"""SELECT c.id, lower(q.last_name) AS last_name, lower(q.first_name) AS first_name FROM {
            fitting.replace(
                " WHERE c.organization_id",
                " JOIN patients q ON q.organization_id = c.organization_id AND q.id = c.patient_id WHERE c.organization_id",
            )
        }"""
    bare: LiteralString = f"""SELECT c.id, lower(q.last_name) AS last_name, lower(q.first_name) AS first_name
FROM patients q, LATERAL (SELECT c.* FROM {fitting} AND c.patient_id = q.id OFFSET 0) c WHERE q.organization_id = %(organization_id)s"""
    most: LiteralString = "LIMIT %(limit)s + %(offset)s"
    if direction == "desc":
        # Read backwards, the index has first who has no name: of that many, and no more, they are picked out to stand last.
        back: LiteralString = f"ORDER BY lower(q.last_name) DESC, lower(q.first_name) DESC, c.id DESC {most}"
        return f"""({bare} AND q.last_name IS NOT NULL {back})
UNION ALL (SELECT * FROM ({bare} {back}) n WHERE n.last_name IS NULL)"""
    return f"{bare} ORDER BY lower(q.last_name), lower(q.first_name), c.id {most}"


async def list_charges(conn: Connection, organization_id: UUID, filters: ChargeFilters, page: Page) -> list[ChargeRow]:
    values = _values(organization_id, filters) | msgspec.structs.asdict(page)
    order = _order(filters.sort_by, filters.sort_direction)
    rows = _rows(_names(filters), filters.sort_by, filters.sort_direction)
    statement: LiteralString = f"""
SELECT {CHARGE}::text FROM (
  SELECT c.*, row_number() OVER () AS place FROM (SELECT c.* FROM ({rows}) c {order} LIMIT %(limit)s OFFSET %(offset)s) c) f, LATERAL (
  SELECT k.*, f.place FROM charges k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) c
ORDER BY f.place"""
    cursor = await conn.execute(statement, values)
    return [msgspec.json.decode(row[0], type=ChargeRow) for row in await cursor.fetchall()]


async def count_charges(conn: Connection, organization_id: UUID, filters: ChargeFilters) -> int:
    """How many there are in all; a large number may be a while old."""
    values = _values(organization_id, filters)
    key, began = (
        ("charges", organization_id, to_json({**values, "sort_by": None, "sort_direction": None})),
        time.perf_counter(),
    )
    known = TOTALS.find(key)
    if known is not None:
        return known
    names = _names(filters)
    # Few of a value are counted in its index, whatever the planner believes of them.
    of_each = names in {("statuses",), ("location_ids",)}
    fitting: LiteralString = _BEGINS[names[0]].replace("{ordered}", " OFFSET 0") if of_each else _fitting(names)
    cursor = await conn.execute(f"SELECT count(*) FROM {fitting}", values)
    total = int((await cursor.fetchall())[0][0])
    TOTALS.keep(key, total, time.perf_counter() - began)
    return total


async def count_of_status(conn: Connection, organization_id: UUID, status: ChargeStatus, most: int) -> int:
    """Counted to `most`."""
    return int((await (await conn.execute(_COUNT_OF_STATUS, (organization_id, status, most))).fetchall())[0][0])


async def list_descriptions(
    conn: Connection, organization_id: UUID, filters: ChargeFilters, most: int
) -> list[tuple[UUID, bytes]]:
    """The sealed descriptions of the newest charges that have one."""
    values = _values(organization_id, filters) | {"most": most}
    newest: LiteralString = "AND c.description_sealed IS NOT NULL ORDER BY c.created_at DESC, c.id DESC LIMIT %(most)s"
    cursor = await conn.execute(f"SELECT c.id, c.description_sealed FROM {_fitting(_names(filters))} {newest}", values)
    return [(row[0], bytes(row[1])) for row in await cursor.fetchall()]


def _names(filters: ChargeFilters) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*_CONDITIONS, *_BEGINS)) if getattr(filters, name) is not None)


def _values(organization_id: UUID, filters: ChargeFilters) -> dict[str, object]:
    values = msgspec.structs.asdict(filters) | {"organization_id": organization_id, "max_named": _MAX_NAMED}
    return values | values_of(*([of_name(filters.patient_name)] if filters.patient_name is not None else []))
