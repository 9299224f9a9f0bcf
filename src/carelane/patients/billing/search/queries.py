"""Every SQL statement that looks patients up: a page is cut from what an index has in order, before anything is looked up for it."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.emails import mailbox_of
from carelane.kit.names import fold_name
from carelane.patients.billing.history.queries import HISTORY, PatientWithHistory, appointments, spent
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.patients.billing.search.schemas import PatientFilters, SortBy
from carelane.patients.known.queries import found, of_code, of_email, of_name, of_phone, values_of
from carelane.patients.schemas import parse_date
from carelane.web.paging import Direction, Page, last_without
from carelane.web.totals import TOTALS

# A telephone number as it was typed, and as it is called.
_NUMBERS: LiteralString = "concat_ws(' ', translate(p.phone_number, ' +-().', ''), p.phone_e164)"
# One condition for each filter that is set. A filter that is not set must not be in the statement: it is planned once, and
# for all values. What does not depend on the row is asked once, in a query of its own.
_CONDITIONS: dict[str, LiteralString] = {
    "id": "p.id = %(id)s",
    "external_id": "p.external_id = %(external_id)s",
    "name": "strpos(concat_ws(' ', p.first_name_key, p.last_name_key), %(name)s) > 0",
    "email": "(strpos(p.mailbox, %(email)s) > 0 OR strpos(lower(p.email), %(email)s) > 0)",
    "phone_number": f"strpos({_NUMBERS}, %(phone_number)s) > 0",
    "born_from": "p.date_of_birth >= %(born_from)s",
    "born_until": "p.date_of_birth <= %(born_until)s",
    "created_from": "p.created_at >= %(created_from)s",
    "created_before": "p.created_at < %(created_before)s",
    # LIMIT keeps it a look-up for each patient.
    "tag_ids": "(SELECT true FROM patient_tag_assignments a WHERE a.organization_id = p.organization_id"
    " AND a.patient_id = p.id AND a.tag_id = ANY(%(tag_ids)s::uuid[]) LIMIT 1)",
    "location_ids": "p.primary_location_id = ANY(%(location_ids)s::uuid[])",
    "lead_sources": "p.lead_source = ANY(%(lead_sources)s::text[])",
    "is_blacklisted": "p.on_scheduling_blacklist",
    "is_not_blacklisted": "NOT p.on_scheduling_blacklist",
    "matches_nobody": "NOT %(matches_nobody)s",
}
# Looked for in what patients are known by, rather than in all patients.
_KNOWN: dict[str, Callable[[str], str]] = {"name": of_name, "email": of_email, "phone_number": of_phone}
# Values of one column, any of them; and the column.
_SPREAD: dict[str, LiteralString] = {
    "location_ids": "%(location_ids)s::uuid[]",
    "lead_sources": "%(lead_sources)s::text[]",
}
_ONE_OF: dict[str, LiteralString] = {"location_ids": "p.primary_location_id", "lead_sources": "p.lead_source"}
_UUID_LISTS = {"tag_ids", "location_ids"}
_SORTS: dict[SortBy, tuple[LiteralString, ...]] = {
    "created_date": ("p.created_at",),
    "name": ("p.last_name", "p.first_name"),
    "first_name": ("p.first_name",),
    "last_name": ("p.last_name",),
    "email": ("p.mailbox",),
    "date_of_birth": ("p.date_of_birth",),
    "external_id": ("p.external_id",),
    "appointment_count": ("p.appointment_count",),
    "total_spent": ("p.total_spent",),
}
# What some orders need of all patients: reckoned once for a list.
_RECKONED: dict[SortBy, LiteralString] = {
    "appointment_count": f"SELECT a.patient_id, count(*) AS reckoned FROM ({appointments('')}) a GROUP BY 1",
    "total_spent": f"SELECT s.patient_id, sum(s.cents) AS reckoned FROM ({spent('', '')}) s GROUP BY 1",
}
_FROM: LiteralString = " FROM patients p"
_WHERE: LiteralString = " WHERE p.organization_id = %(organization_id)s AND p.archived_at IS NULL"
_SHOWN: LiteralString = "SELECT " + PATIENT + "::text FROM ("
_SHOWN_WITH_HISTORY: LiteralString = (
    "SELECT json_build_object('patient', " + PATIENT + ", 'history', " + HISTORY + ")::text FROM ("
)
_IDS: LiteralString = "SELECT coalesce(p.given_id, p.id::text) FROM ("

_LIST_BY_IDS: LiteralString = (
    "SELECT " + PATIENT + "::text FROM patients p WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[])"
)

# What is looked for in each word: the name, the e-mail address, the caller's own ids, the
# date of birth. A word is looked for as it is, and in the
# form that names are kept in.
_TEXT: LiteralString = """concat_ws(' ', p.first_name_key, p.last_name_key, p.mailbox,
  p.date_of_birth,
  lower(concat_ws(' ', p.first_name, p.last_name, p.email, p.external_id, p.given_id)))"""


def _word(number: LiteralString) -> LiteralString:
    return f"(strpos({_TEXT}, %(word{number})s) > 0 OR strpos({_TEXT}, %(name{number})s) > 0)"


_WORDS: tuple[LiteralString, ...] = tuple(_word(number) for number in ("0", "1", "2", "3", "4"))
_PHONE: LiteralString = f" OR strpos({_NUMBERS}, %(digits)s) > 0"
_EXACT: LiteralString = (
    "p.id = %(id)s OR coalesce(p.mailbox = %(mailbox)s, false) OR coalesce(p.external_id = %(term)s, false)"
)
# Each by its index.
_EXACT_IDS: LiteralString = """
SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = %(id)s
UNION ALL SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.mailbox = %(mailbox)s
UNION ALL SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.external_id = %(term)s
"""
_BORN: LiteralString = """
UNION ALL (SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.archived_at IS NULL
  AND p.date_of_birth = %(born)s::date AND {words} ORDER BY p.id LIMIT %(most_begun)s)
"""

_EXISTS: LiteralString = "SELECT EXISTS (SELECT FROM patients p WHERE p.organization_id = %s AND p.external_id = %s)"


@cache
def _where(conditions: tuple[str, ...]) -> LiteralString:
    return _WHERE + "".join(f" AND {_CONDITIONS[name]}" for name in conditions)


@cache
def _order(sort_by: SortBy, direction: Direction) -> LiteralString:
    # Patients without a value come last, either way. Only a column that may be null says so: else its index is not used.
    way: LiteralString = " ASC" if direction == "asc" else " DESC"
    nulls: LiteralString = "" if sort_by == "created_date" or sort_by in _RECKONED else " NULLS LAST"
    columns = "".join(f"{column}{way}{nulls}, " for column in _SORTS[sort_by])
    return f" ORDER BY {columns}p.id{way}"


@cache
def _page(begin: LiteralString, conditions: tuple[str, ...], sort_by: SortBy, direction: Direction) -> LiteralString:
    order, rows = _order(sort_by, direction), _rows(conditions, sort_by, direction)
    return f"""{begin} SELECT p.* FROM (SELECT * FROM ({rows}) p{order} LIMIT %(limit)s OFFSET %(offset)s) f, LATERAL (
  SELECT k.*{_reckoned(sort_by)} FROM patients k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) p) p{order}"""


def _reckoned(sort_by: SortBy) -> LiteralString:
    return f", f.{_SORTS[sort_by][0].removeprefix('p.')}" if sort_by in _RECKONED else ""


def _rows(conditions: tuple[str, ...], sort_by: SortBy, direction: Direction) -> LiteralString:
    """Ids of all that fit, with what they are sorted by."""
    taken: LiteralString = ", ".join(("p.id", *_SORTS[sort_by]))
    spread = next((name for name in _SPREAD if conditions == (name,)), None)
    if spread is not None and sort_by == "created_date":
        # The newest of each, which an index has in order, and of those the newest.
        return f"""SELECT o.* FROM unnest({_SPREAD[spread]}) one (value), LATERAL (
  SELECT {taken}{_FROM}{_WHERE} AND {_ONE_OF[spread]} = one.value {_order(sort_by, direction)} LIMIT %(limit)s + %(offset)s) o"""
    bare: LiteralString = f"SELECT {taken}{_from(conditions, sort_by)}{_where(conditions)}"
    if "tag_ids" in conditions and sort_by not in _RECKONED and not _KNOWN.keys() & set(conditions):
        return _tagged(taken, conditions, _order(sort_by, direction))
    is_own = sort_by != "created_date" and sort_by not in _RECKONED
    if direction == "desc" and is_own and not _KNOWN.keys() & set(conditions):
        rest = _order(sort_by, direction).partition(", ")[2]
        return last_without(bare, _SORTS[sort_by][0], rest)
    return bare


def _counted(conditions: tuple[str, ...]) -> LiteralString:
    if "tag_ids" not in conditions or _KNOWN.keys() & set(conditions):
        return _from(conditions, "created_date")
    return """ FROM (SELECT DISTINCT a.patient_id AS id FROM patient_tag_assignments a
  WHERE a.organization_id = %(organization_id)s AND a.tag_id = ANY(%(tag_ids)s::uuid[])) f, LATERAL (
  SELECT * FROM patients k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) p"""


def _tagged(taken: LiteralString, conditions: tuple[str, ...], order: LiteralString) -> LiteralString:
    """Few who have a tag are looked at one by one; where many have it, the page is soon full."""
    return f"""
WITH few AS MATERIALIZED (
  SELECT a.patient_id AS id FROM patient_tag_assignments a
  WHERE a.organization_id = %(organization_id)s AND a.tag_id = ANY(%(tag_ids)s::uuid[]) LIMIT %(most_begun)s + 1)
(SELECT {taken} FROM (SELECT DISTINCT id FROM few) f, LATERAL (
   SELECT * FROM patients k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) p
 {_where(conditions)} AND (SELECT count(*) FROM few) <= %(most_begun)s)
UNION ALL
(SELECT {taken}{_FROM}{_where(conditions)} AND (SELECT count(*) FROM few) > %(most_begun)s{order} LIMIT %(limit)s + %(offset)s)"""


def _from(conditions: tuple[str, ...], sort_by: SortBy) -> LiteralString:
    """Patients, with the number that they are sorted by where it is none of their own."""
    known: LiteralString = " AND ".join(_CONDITIONS[name] for name in _KNOWN if name in conditions)
    rows: LiteralString = f"({found(known)}) k" if known else "patients k"
    reckoned = _RECKONED.get(sort_by)
    if reckoned is None:
        return f" FROM {rows.removesuffix(' k')} p"
    number = _SORTS[sort_by][0].removeprefix("p.")
    return f""" FROM (
  SELECT k.*, coalesce(n.reckoned, 0) AS {number} FROM {rows} LEFT JOIN ({reckoned}) n ON n.patient_id = k.id
  WHERE k.organization_id = %(organization_id)s) p"""


def _values(organization_id: UUID, filters: PatientFilters) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Which conditions are asked for, and the values of all parameters."""
    asked_for: dict[str, Any] = {
        name: value
        for name in PatientFilters.__struct_fields__
        if name in _CONDITIONS and (value := getattr(filters, name)) is not None and (name != "matches_nobody" or value)
    }
    values = {name: uuid_array(value) if name in _UUID_LISTS else value for name, value in asked_for.items()}
    names = ("is_not_blacklisted" if asked_for[name] is False else name for name in asked_for)
    return tuple(names), values | _known(filters) | {"organization_id": organization_id}


def _known(filters: PatientFilters) -> dict[str, object]:
    return values_of(*(begin(text) for name, begin in _KNOWN.items() if (text := getattr(filters, name)) is not None))


async def list_page(
    conn: Connection, organization_id: UUID, filters: PatientFilters, page: Page
) -> tuple[list[PatientWithHistory], int]:
    """A page, and how many patients there are on all pages."""
    conditions, values = _values(organization_id, filters)
    key, began = ("patients", organization_id, to_json(values)), time.perf_counter()
    total = TOTALS.find(key)
    counting: LiteralString = f"SELECT count(*){_counted(conditions)}{_where(conditions)}"
    counted = await conn.execute(counting, values) if total is None else None
    statement = _page(_SHOWN_WITH_HISTORY, conditions, filters.sort_by, filters.direction)
    shown = await conn.execute(statement, values | msgspec.structs.asdict(page))
    if counted is not None:
        total = int((await counted.fetchall())[0][0])
        TOTALS.keep(key, total, time.perf_counter() - began)
    rows = [msgspec.json.decode(row[0], type=PatientWithHistory) for row in await shown.fetchall()]
    return rows, total or 0


async def list_rows(conn: Connection, organization_id: UUID, filters: PatientFilters, page: Page) -> list[PatientRow]:
    return [_row(row) for row in await _list(conn, organization_id, _SHOWN, filters, page)]


async def list_ids(conn: Connection, organization_id: UUID, filters: PatientFilters, page: Page) -> list[str]:
    return [row[0] for row in await _list(conn, organization_id, _IDS, filters, page)]


async def _list(
    conn: Connection, organization_id: UUID, begin: LiteralString, filters: PatientFilters, page: Page
) -> list[tuple[Any, ...]]:
    conditions, values = _values(organization_id, filters)
    statement = _page(begin, conditions, filters.sort_by, filters.direction)
    return await (await conn.execute(statement, values | msgspec.structs.asdict(page))).fetchall()


async def list_by_ids(conn: Connection, organization_id: UUID, ids: list[UUID]) -> list[PatientRow]:
    """In the order of `ids`; archived ones too. Unknown ones are left out."""
    listed = await conn.execute(_LIST_BY_IDS, (organization_id, uuid_array(ids)))
    rows = {row.id: row for row in map(_row, await listed.fetchall())}
    return [rows[patient_id] for patient_id in dict.fromkeys(ids) if patient_id in rows]


@cache
def _search(words: int, has_digits: bool, has_date: bool) -> LiteralString:
    text: LiteralString = " AND ".join(_WORDS[:words])
    phone: LiteralString = _PHONE if has_digits else ""
    born: LiteralString = _BORN.replace("{words}", text) if has_date else ""
    return f"""{_SHOWN}
SELECT p.*, ({_EXACT}) AS is_exact
FROM ({_EXACT_IDS} {born} UNION SELECT p.id FROM ({found(f"(({text}){phone})")}) p) w, LATERAL (
  SELECT * FROM patients k WHERE k.organization_id = %(organization_id)s AND k.id = w.id LIMIT 1) p
WHERE p.archived_at IS NULL
ORDER BY is_exact DESC, p.created_at DESC, p.id DESC LIMIT %(most)s) p
ORDER BY p.is_exact DESC, p.created_at DESC, p.id DESC
"""


async def list_found(
    conn: Connection, organization_id: UUID, patient_id: UUID, words: list[str], digits: str, most: int
) -> list[PatientRow]:
    """Patients whose name, e-mail address or ids contain all `words`, or whose phone number contains `digits`.

    Exact matches come first, then the newest. Where there are more than MOST_SEEN, the older ones are found by what begins with a word.
    """
    if not words:
        # The newest stand in an index.
        return await list_rows(conn, organization_id, PatientFilters(), Page(most, 0))
    term, born = " ".join(words), next((word for word in words if parse_date(word)), None)
    values: dict[str, object] = {f"word{number}": word.lower() for number, word in enumerate(words)}
    # A word of nothing but signs is looked for as it is.
    values |= {f"name{number}": fold_name(word) or word.lower() for number, word in enumerate(words)}
    values |= {"term": term, "mailbox": mailbox_of(term), "digits": digits, "born": born}
    values |= values_of(of_name(term), *map(of_name, words), *map(of_email, words), of_code(term), of_phone(digits))
    statement = _search(len(words), bool(digits), born is not None)
    listed = await conn.execute(
        statement, values | {"organization_id": organization_id, "id": patient_id, "most": most}
    )
    return [_row(row) for row in await listed.fetchall()]


async def find_external_id(conn: Connection, organization_id: UUID, external_id: str) -> bool:
    """Whether a patient has it, archived or not."""
    row = await (await conn.execute(_EXISTS, (organization_id, external_id))).fetchone()
    return row is not None and bool(row[0])


def _row(row: tuple[Any, ...]) -> PatientRow:
    return msgspec.json.decode(row[0], type=PatientRow)
