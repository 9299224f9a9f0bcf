"""Every SQL statement that looks patients up.

Row-level security lets no index be used for a condition that is not leakproof (LIKE, lower, arrays), so a search reads all
patients of the organization, once; equality and the order of creation use their indexes.
"""

from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, uuid_array
from carelane.kit.emails import mailbox_of
from carelane.kit.names import fold_name
from carelane.patients.billing.history.queries import HISTORY, PatientWithHistory, appointments, spent
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.patients.billing.search.schemas import PatientFilters, SortBy
from carelane.web.paging import Direction, Page

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
    "tag_ids": "EXISTS (SELECT FROM patient_tag_assignments a WHERE a.organization_id = p.organization_id"
    " AND a.patient_id = p.id AND a.tag_id = ANY(%(tag_ids)s::uuid[]))",
    "location_ids": "p.primary_location_id = ANY(%(location_ids)s::uuid[])",
    "lead_sources": "p.lead_source = ANY(%(lead_sources)s::text[])",
    "is_blacklisted": "p.on_scheduling_blacklist = %(is_blacklisted)s",
    "matches_nobody": "NOT %(matches_nobody)s",
}
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
    return f"(strpos(t.text, %(word{number})s) > 0 OR strpos(t.text, %(name{number})s) > 0)"


_WORDS: tuple[LiteralString, ...] = tuple(_word(number) for number in ("0", "1", "2", "3", "4"))
_EXACT: LiteralString = (
    "p.id = %(id)s OR coalesce(p.mailbox = %(mailbox)s, false) OR coalesce(p.external_id = %(term)s, false)"
)
_PHONE: LiteralString = f" OR strpos({_NUMBERS}, %(digits)s) > 0"

_EXISTS: LiteralString = "SELECT EXISTS (SELECT FROM patients p WHERE p.organization_id = %s AND p.external_id = %s)"


@cache
def _where(conditions: tuple[str, ...]) -> LiteralString:
    return _WHERE + "".join(f" AND {_CONDITIONS[name]}" for name in conditions)


def _order(sort_by: SortBy, direction: Direction) -> LiteralString:
    # Patients without a value come last, either way. Only a column that may be null says so: else its index is not used.
    way: LiteralString = " ASC" if direction == "asc" else " DESC"
    nulls: LiteralString = "" if sort_by == "created_date" or sort_by in _RECKONED else " NULLS LAST"
    columns = "".join(f"{column}{way}{nulls}, " for column in _SORTS[sort_by])
    return f" ORDER BY {columns}p.id{way}"


@cache
def _page(begin: LiteralString, conditions: tuple[str, ...], sort_by: SortBy, direction: Direction) -> LiteralString:
    order = _order(sort_by, direction)
    return f"{begin} SELECT p.*{_from(sort_by)}{_where(conditions)}{order} LIMIT %(most)s OFFSET %(skipped)s) p{order}"


def _from(sort_by: SortBy) -> LiteralString:
    """Patients, with the number that they are sorted by where it is none of their own."""
    reckoned = _RECKONED.get(sort_by)
    if reckoned is None:
        return _FROM
    number = _SORTS[sort_by][0].removeprefix("p.")
    return f""" FROM (
  SELECT k.*, coalesce(n.reckoned, 0) AS {number} FROM patients k LEFT JOIN ({reckoned}) n ON n.patient_id = k.id
  WHERE k.organization_id = %(organization_id)s) p"""


def _values(organization_id: UUID, filters: PatientFilters) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Which conditions are asked for, and the values of all parameters."""
    asked_for: dict[str, Any] = {
        name: value
        for name in _CONDITIONS
        if (value := getattr(filters, name)) is not None and (name != "matches_nobody" or value)
    }
    values = {name: uuid_array(value) if name in _UUID_LISTS else value for name, value in asked_for.items()}
    return tuple(asked_for), values | {"organization_id": organization_id}


async def list_page(
    conn: Connection, organization_id: UUID, filters: PatientFilters, page: Page
) -> tuple[list[PatientWithHistory], int]:
    """A page, and how many patients there are on all pages."""
    conditions, values = _values(organization_id, filters)
    values |= {"most": page.limit, "skipped": page.offset}
    counted = await conn.execute("SELECT count(*)" + _FROM + _where(conditions), values)
    found = await conn.execute(_page(_SHOWN_WITH_HISTORY, conditions, filters.sort_by, filters.direction), values)
    rows = [msgspec.json.decode(row[0], type=PatientWithHistory) for row in await found.fetchall()]
    return rows, (await counted.fetchall())[0][0]


async def list_rows(conn: Connection, organization_id: UUID, filters: PatientFilters, page: Page) -> list[PatientRow]:
    conditions, values = _values(organization_id, filters)
    values |= {"most": page.limit, "skipped": page.offset}
    found = await conn.execute(_page(_SHOWN, conditions, filters.sort_by, filters.direction), values)
    return [_row(row) for row in await found.fetchall()]


async def list_ids(conn: Connection, organization_id: UUID, filters: PatientFilters, page: Page) -> list[str]:
    conditions, values = _values(organization_id, filters)
    values |= {"most": page.limit, "skipped": page.offset}
    found = await conn.execute(_page(_IDS, conditions, filters.sort_by, filters.direction), values)
    return [row[0] for row in await found.fetchall()]


async def list_by_ids(conn: Connection, organization_id: UUID, ids: list[UUID]) -> list[PatientRow]:
    """In the order of `ids`; archived ones too. Unknown ones are left out."""
    found = await conn.execute(_LIST_BY_IDS, (organization_id, uuid_array(ids)))
    rows = {row.id: row for row in map(_row, await found.fetchall())}
    return [rows[patient_id] for patient_id in dict.fromkeys(ids) if patient_id in rows]


@cache
def _search(words: int, has_digits: bool) -> LiteralString:
    text = "".join(f" AND {word}" for word in _WORDS[:words])
    phone: LiteralString = _PHONE if has_digits else ""
    return f"""{_SHOWN}
SELECT p.*, ({_EXACT}) AS is_exact FROM patients p, LATERAL (SELECT {_TEXT} AS text) t
WHERE p.organization_id = %(organization_id)s AND p.archived_at IS NULL AND ((true{text}) OR {_EXACT}{phone})
ORDER BY is_exact DESC, p.created_at DESC, p.id DESC LIMIT %(most)s) p
ORDER BY p.is_exact DESC, p.created_at DESC, p.id DESC
"""


async def list_found(
    conn: Connection, organization_id: UUID, patient_id: UUID, words: list[str], digits: str, most: int
) -> list[PatientRow]:
    """Patients whose name, e-mail address or ids contain all `words`, or whose phone number contains `digits`.

    Exact matches come first, then the newest.
    """
    if not words:
        # The newest stand in an index.
        return await list_rows(conn, organization_id, PatientFilters(), Page(most, 0))
    term = " ".join(words)
    values = {f"word{number}": word.lower() for number, word in enumerate(words)}
    # A word of nothing but signs is looked for as it is.
    values |= {f"name{number}": fold_name(word) or word.lower() for number, word in enumerate(words)}
    values |= {"term": term, "mailbox": mailbox_of(term), "digits": digits}
    found = await conn.execute(
        _search(len(words), bool(digits)),
        values | {"organization_id": organization_id, "id": patient_id, "most": most},
    )
    return [_row(row) for row in await found.fetchall()]


async def find_external_id(conn: Connection, organization_id: UUID, external_id: str) -> bool:
    """Whether a patient has it, archived or not."""
    row = await (await conn.execute(_EXISTS, (organization_id, external_id))).fetchone()
    return row is not None and bool(row[0])


def _row(row: tuple[Any, ...]) -> PatientRow:
    return msgspec.json.decode(row[0], type=PatientRow)
