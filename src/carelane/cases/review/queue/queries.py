"""SQL of the staff queue."""

from datetime import datetime
from functools import lru_cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.review.queries import WAITS_SINCE
from carelane.cases.review.queue.schemas import (
    MOST_COUNTED,
    WAITING,
    QueueCount,
    QueueEntryOut,
    QueueFilters,
    ViewCounts,
)
from carelane.cases.review.queue.sooner.queries import Sooner, list_sooner
from carelane.cases.review.queue.walk.queries import (
    IS_FIT,
    MOST_FEW,
    MOST_KEPT,
    SOONER,
    UNDECIDED,
    UNDECIDED_STATUSES,
    found,
)
from carelane.cases.states import CaseStatus
from carelane.kit.db import Connection, uuid_array
from carelane.payments.gate.queries import HOLD_ENDS_AT
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


class Reader(msgspec.Struct, frozen=True):
    """Who looks at the queue, and the states where they may decide today; `ending`: of those, where not for a day any more."""

    id: UUID | None
    licensed: tuple[str, ...] = ()
    ending: tuple[tuple[str, datetime], ...] = ()


class Position(msgspec.Struct, frozen=True):
    """Of a case in the order of the queue. `ends` is text: it may be infinity."""

    ends: str
    id: UUID


class Wanted(msgspec.Struct, frozen=True):
    """Which cases of the queue, and what of them runs out sooner than promised: looked up once for all that is asked of them."""

    filters: QueueFilters
    reader: Reader
    sooner: list[Sooner]

    @property
    def shape(self) -> tuple[tuple[str, ...], tuple[CaseStatus, ...]]:
        """What the statement depends on."""
        return _conditions(self.filters), tuple(sorted(self.filters.statuses))


@lru_cache(MOST_KEPT)
def _list_statement(conditions: tuple[str, ...], statuses: tuple[CaseStatus, ...], *, is_onward: bool) -> LiteralString:
    return f"""{SOONER}
SELECT {_ENTRY}::text FROM ({found(conditions, statuses, is_onward=is_onward)}) c
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id ORDER BY c.ends, c.id
"""


@lru_cache(MOST_KEPT)
def _ids_statement(conditions: tuple[str, ...], statuses: tuple[CaseStatus, ...]) -> LiteralString:
    return f"{SOONER} SELECT c.id FROM ({found(conditions, statuses, is_onward=False)}) c ORDER BY c.ends, c.id"


@lru_cache(MOST_KEPT)
def _count_statement(conditions: tuple[str, ...], statuses: tuple[CaseStatus, ...]) -> LiteralString:
    return f"""{SOONER}
SELECT json_build_object('total', count(*), 'late', count(*) FILTER (WHERE c.ends <= %(now)s),
  'hour', count(*) FILTER (WHERE c.ends > %(now)s AND c.ends <= %(hour)s),
  'today', count(*) FILTER (WHERE c.ends > %(hour)s AND c.ends < %(midnight)s))::text
FROM ({found(conditions, statuses, is_onward=False)}) c
"""


@lru_cache(MOST_KEPT)
def _total_statement(conditions: tuple[str, ...], statuses: tuple[CaseStatus, ...]) -> LiteralString:
    return f"{SOONER} SELECT count(*) FROM ({found(conditions, statuses, is_onward=False)}) c"


_COUNT_VIEWS: LiteralString = f"""{SOONER}
SELECT json_build_object('fits', count(*) FILTER (WHERE {IS_FIT} AND c.asked_patient_at IS NULL),
  'unlicensed', count(*) FILTER (WHERE c.asked_patient_at IS NULL AND NOT coalesce(c.patient_state = ANY(%(licensed)s::text[]), false)),
  'mine', count(*) FILTER (WHERE c.assigned_to_id = %(me)s::uuid), 'unassigned', count(*) FILTER (WHERE c.assigned_to_id IS NULL),
  'asked', count(*) FILTER (WHERE c.asked_patient_at IS NOT NULL), 'everyone', count(*))::text
FROM ({found((), WAITING, is_onward=False)}) c
"""
_POSITION: LiteralString = f"""{SOONER}
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


def _values(organization_id: UUID, wanted: Wanted, most: int) -> dict[str, object]:
    filters = wanted.filters
    return msgspec.structs.asdict(filters) | {
        "organization_id": organization_id,
        "most": most,
        "most_few": MOST_FEW,
        "short_token": f"i:{_code_of(filters.short_id or '')}",
        "statuses": list(filters.statuses),
        "assigned_to": None if filters.assigned_to == "none" else filters.assigned_to,
        "me": wanted.reader.id,
        "licensed": list(wanted.reader.licensed),
        **_values_of_sooner(wanted.sooner),
    }


def _code_of(short_id: str) -> str:
    """As the tokens of search have it (migration 0027)."""
    return "".join(letter for letter in short_id.lower() if letter.isascii() and letter.isalnum())


def _values_of_sooner(sooner: list[Sooner]) -> dict[str, object]:
    return {
        "sooner_ids": uuid_array(one.case_id for one in sooner),
        "sooner_ends": [one.ends for one in sooner],
        "sooner_reasons": [one.reason for one in sooner],
    }


async def find_wanted(conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader) -> Wanted:
    """Nothing runs out sooner than promised that is decided or archived."""
    is_decided = filters.is_archived or not UNDECIDED_STATUSES & set(filters.statuses)
    return Wanted(filters, reader, [] if is_decided else await list_sooner(conn, organization_id, reader.ending))


async def find_position(conn: Connection, organization_id: UUID, wanted: Wanted, case_id: UUID) -> Position | None:
    values = {"organization_id": organization_id, "after": case_id} | _values_of_sooner(wanted.sooner)
    row = await (await conn.execute(_POSITION, values)).fetchone()
    return Position(row[0], row[1]) if row else None


async def list_cases(
    conn: Connection, organization_id: UUID, wanted: Wanted, most: int, after: Position | None
) -> list[QueueEntryOut]:
    """The first cases that match, after that position."""
    values = _values(organization_id, wanted, most)
    if after is not None:
        values |= {"after_ends": after.ends, "after_id": after.id}
    statement = _list_statement(*wanted.shape, is_onward=after is not None)
    cursor = await conn.execute(statement, values)
    return [msgspec.json.decode(row[0], type=QueueEntryOut) for row in await cursor.fetchall()]


async def list_ids(
    conn: Connection, organization_id: UUID, wanted: Wanted, most: int, apart_from: UUID | None
) -> list[UUID]:
    """The first cases that match, but for one."""
    conditions, statuses = wanted.shape
    values = _values(organization_id, wanted, most) | {"apart_from": apart_from}
    statement = _ids_statement((*conditions, *(("other",) if apart_from else ())), statuses)
    return [row[0] for row in await (await conn.execute(statement, values)).fetchall()]


async def count_cases(
    conn: Connection, organization_id: UUID, wanted: Wanted, now: datetime, hour: datetime, midnight: datetime
) -> QueueCount:
    values = _values(organization_id, wanted, MOST_COUNTED)
    values |= {"now": now, "hour": hour, "midnight": midnight}
    row = await (await conn.execute(_count_statement(*wanted.shape), values)).fetchall()
    return msgspec.json.decode(row[0][0], type=QueueCount)


async def count_all(conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader) -> int:
    """How many match, however long they have; no more than MOST_COUNTED are counted."""
    # What is only counted needs no look at what runs out sooner than promised.
    wanted = Wanted(filters, reader, [])
    values = _values(organization_id, wanted, MOST_COUNTED)
    row = await (await conn.execute(_total_statement(*wanted.shape), values)).fetchall()
    return int(row[0][0])


async def count_views(conn: Connection, organization_id: UUID, filters: QueueFilters, reader: Reader) -> ViewCounts:
    """Of MOST_COUNTED that wait."""
    values = _values(organization_id, Wanted(filters, reader, []), MOST_COUNTED)
    row = await (await conn.execute(_COUNT_VIEWS, values)).fetchall()
    return msgspec.json.decode(row[0][0], type=ViewCounts)


async def update_due(conn: Connection, organization_id: UUID) -> None:
    """Of all cases that wait; a trigger reckons it."""
    statement: LiteralString = f"""
    UPDATE cases c SET due_at = c.due_at WHERE c.organization_id = %s AND {UNDECIDED}
    """
    await conn.execute(statement, (organization_id,))
