"""SQL of the staff queue."""

from datetime import datetime
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.review.queries import WAITS_SINCE
from carelane.cases.review.queue.schemas import MOST_COUNTED, QueueCount, QueueEntryOut, QueueFilters, ViewCounts
from carelane.cases.review.queue.walk.queries import IS_FIT, MOST_FEW, MOST_SOONER, UNDECIDED, found, sooner
from carelane.kit.db import Connection
from carelane.payments.gate.queries import HOLD_ENDS_AT
from carelane.payments.states import HURRY_BEFORE
from carelane.staff.queries import member_json

_ENTRY: LiteralString = f"""
json_build_object('id', c.id, 'shortId', c.short_id, 'title', c.title, 'status', c.status, 'createdAt', c.created_at,
  'waitsSince', {WAITS_SINCE}, 'askedPatientAt', c.asked_patient_at, 'answeredAt', c.answered_at,
  'isEscalated', c.is_escalated, 'isArchived', c.is_archived, 'isTest', c.is_test, 'holdEndsAt', {HOLD_ENDS_AT},
  'dueAt', nullif(c.ends, 'infinity'),
  'dueReason', CASE WHEN c.ends < c.due_at THEN c.reason WHEN c.ends = 'infinity' THEN NULL
    WHEN c.status = 'APPROVED' THEN 'DECISION' ELSE 'PROMISE' END,
  'lease', CASE WHEN c.lease_ends_at > now() THEN json_build_object('staff', {member_json("c", "lease_staff_id")},
    'until', c.lease_ends_at) END,
  'heldDecision', (SELECT json_build_object('id', h.id, 'by', {member_json("h", "staff_id")}, 'dueAt', h.due_at)
    FROM pending_decisions h
    WHERE h.organization_id = c.organization_id AND h.case_id = c.id AND h.status = 'PENDING'),
  'assignedTo', {member_json("c", "assigned_to_id")},
  'patient', json_build_object('id', p.id, 'firstName', c.patient_first_name, 'lastName', c.patient_last_name,
    'state', p.state, 'gender', c.patient_gender, 'dateOfBirth', c.patient_date_of_birth),
  'requests', coalesce((
    SELECT json_agg(json_build_object('productId', k.product_id, 'name', n.name, 'status', r.status)
                    ORDER BY k.position, r.created_at, r.id)
    FROM case_products k
    JOIN case_product_requests r ON r.organization_id = k.organization_id AND r.case_product_id = k.id
    JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
    WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]'))
"""


# What is only counted needs no look at what runs out sooner than promised, which is most of the work.
_IN_ANY_ORDER: dict[str, object] = {"most_sooner": 0}


class Reader(msgspec.Struct, frozen=True):
    """Who looks at the queue, and the states where they may decide today; `ending`: of those, where not for a day any more."""

    id: UUID | None
    licensed: tuple[str, ...] = ()
    ending: tuple[tuple[str, datetime], ...] = ()


class Position(msgspec.Struct, frozen=True):
    """Of a case in the order of the queue. `ends` is text: it may be infinity."""

    ends: str
    id: UUID


@cache
def _list_statement(conditions: tuple[str, ...], *, is_onward: bool, with_licenses: bool) -> LiteralString:
    return f"""{sooner(with_licenses=with_licenses)}
SELECT {_ENTRY}::text FROM ({found(conditions, is_onward=is_onward)}) c
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id ORDER BY c.ends, c.id
"""


@cache
def _ids_statement(conditions: tuple[str, ...], *, with_licenses: bool) -> LiteralString:
    return f"{sooner(with_licenses=with_licenses)} SELECT c.id FROM ({found(conditions, is_onward=False)}) c ORDER BY c.ends, c.id"


@cache
def _count_statement(conditions: tuple[str, ...], *, with_licenses: bool) -> LiteralString:
    return f"""{sooner(with_licenses=with_licenses)}
SELECT json_build_object('total', count(*), 'late', count(*) FILTER (WHERE c.ends <= %(now)s),
  'hour', count(*) FILTER (WHERE c.ends > %(now)s AND c.ends <= %(hour)s),
  'today', count(*) FILTER (WHERE c.ends > %(hour)s AND c.ends < %(midnight)s))::text
FROM ({found(conditions, is_onward=False)}) c
"""


@cache
def _total_statement(conditions: tuple[str, ...]) -> LiteralString:
    return f"{sooner(with_licenses=False)} SELECT count(*) FROM ({found(conditions, is_onward=False)}) c"


_COUNT_VIEWS: LiteralString = f"""{sooner(with_licenses=False)}
SELECT json_build_object('fits', count(*) FILTER (WHERE {IS_FIT} AND c.asked_patient_at IS NULL),
  'unlicensed', count(*) FILTER (WHERE c.asked_patient_at IS NULL AND NOT coalesce(c.patient_state = ANY(%(licensed)s::text[]), false)),
  'mine', count(*) FILTER (WHERE c.assigned_to_id = %(me)s::uuid), 'unassigned', count(*) FILTER (WHERE c.assigned_to_id IS NULL),
  'asked', count(*) FILTER (WHERE c.asked_patient_at IS NOT NULL), 'everyone', count(*))::text
FROM ({found((), is_onward=False)}) c
"""


@cache
def _position_statement(*, with_licenses: bool) -> LiteralString:
    return f"""{sooner(with_licenses=with_licenses)}
SELECT least(c.due_at, (SELECT h.ends FROM sooner h WHERE h.case_id = c.id))::text, c.id
FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(after)s
"""


def _conditions(filters: QueueFilters) -> tuple[str, ...]:
    asked_for = {
        "mine": isinstance(filters.assigned_to, UUID),
        "nobodys": filters.assigned_to == "none",
        "escalated": filters.is_escalated is True,
        "calm": filters.is_escalated is False,
        "asked": filters.awaiting_patient is True,
        "unasked": filters.awaiting_patient is False,
        "product": filters.product is not None,
        "state": filters.state is not None,
        "fits": filters.fits,
        "short_id": filters.short_id is not None,
    }
    return tuple(name for name, is_set in asked_for.items() if is_set)


def _values(organization_id: UUID, filters: QueueFilters, reader: Reader, most: int) -> dict[str, object]:
    assigned_to = None if filters.assigned_to == "none" else filters.assigned_to
    return msgspec.structs.asdict(filters) | {
        "organization_id": organization_id,
        "most": most,
        "most_few": MOST_FEW,
        "short_token": f"i:{_code_of(filters.short_id or '')}",
        "statuses": list(filters.statuses),
        "assigned_to": assigned_to,
        "me": reader.id,
        "licensed": list(reader.licensed),
        **_values_of_sooner(reader),
    }


def _code_of(short_id: str) -> str:
    """As the tokens of search have it (migration 0027)."""
    return "".join(letter for letter in short_id.lower() if letter.isascii() and letter.isalnum())


def _values_of_sooner(reader: Reader) -> dict[str, object]:
    return {
        "hurry": HURRY_BEFORE,
        "most_sooner": MOST_SOONER,
        "ending_states": [state for state, _ in reader.ending],
        "ending_at": [ends for _, ends in reader.ending],
    }


async def find_position(conn: Connection, organization_id: UUID, reader: Reader, case_id: UUID) -> Position | None:
    values: dict[str, object] = {"organization_id": organization_id, "after": case_id, "is_archived": False}
    values |= _values_of_sooner(reader)
    row = await (await conn.execute(_position_statement(with_licenses=bool(reader.ending)), values)).fetchone()
    return Position(row[0], row[1]) if row else None


async def list_cases(
    conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader, most: int, after: Position | None
) -> list[QueueEntryOut]:
    """The first cases that match, after that position."""
    values = _values(organization_id, filters, reader, most)
    if after is not None:
        values |= {"after_ends": after.ends, "after_id": after.id}
    statement = _list_statement(_conditions(filters), is_onward=after is not None, with_licenses=bool(reader.ending))
    cursor = await conn.execute(statement, values)
    return [msgspec.json.decode(row[0], type=QueueEntryOut) for row in await cursor.fetchall()]


async def list_ids(
    conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader, most: int, apart_from: UUID | None
) -> list[UUID]:
    """The first cases that match, but for one."""
    conditions = (*_conditions(filters), *(("other",) if apart_from else ()))
    values = _values(organization_id, filters, reader, most) | {"apart_from": apart_from}
    statement = _ids_statement(conditions, with_licenses=bool(reader.ending))
    return [row[0] for row in await (await conn.execute(statement, values)).fetchall()]


async def count_cases(
    conn: Connection,
    organization_id: UUID,
    filters: QueueFilters,
    reader: Reader,
    now: datetime,
    hour: datetime,
    midnight: datetime,
) -> QueueCount:
    values = _values(organization_id, filters, reader, MOST_COUNTED)
    values |= {"now": now, "hour": hour, "midnight": midnight}
    statement = _count_statement(_conditions(filters), with_licenses=bool(reader.ending))
    row = await (await conn.execute(statement, values)).fetchall()
    return msgspec.json.decode(row[0][0], type=QueueCount)


async def count_all(conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader) -> int:
    """How many match, however long they have; no more than MOST_COUNTED are counted."""
    conditions = _conditions(filters)
    values = _values(organization_id, filters, reader, MOST_COUNTED) | _IN_ANY_ORDER
    row = await (await conn.execute(_total_statement(conditions), values)).fetchall()
    return int(row[0][0])


async def count_views(conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader) -> ViewCounts:
    """Of MOST_COUNTED that wait."""
    values = _values(organization_id, filters, reader, MOST_COUNTED) | _IN_ANY_ORDER
    row = await (await conn.execute(_COUNT_VIEWS, values)).fetchall()
    return msgspec.json.decode(row[0][0], type=ViewCounts)


async def update_due(conn: Connection, organization_id: UUID) -> None:
    """Of all cases that wait; a trigger reckons it."""
    statement: LiteralString = f"""
    UPDATE cases c SET due_at = c.due_at WHERE c.organization_id = %s AND {UNDECIDED}
    """
    await conn.execute(statement, (organization_id,))
