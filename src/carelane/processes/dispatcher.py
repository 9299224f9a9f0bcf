"""Events → jobs and deliveries. The events table is the outbox; this loop turns what waits in it into what it calls for.

Claiming the events, giving each its place in the feed and making what it calls for is one transaction: a worker that dies in
the middle leaves the events waiting.
"""

import asyncio
from collections.abc import Callable
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.cases.jobs import ASSIGN_CASE
from carelane.kit import failpoints, jobs
from carelane.kit.db import Connection, uuid_array
from carelane.messages.notices.actions import queue_notices
from carelane.services import Services

MOST_AT_ONCE = 500
_CLAIM: LiteralString = "SELECT organization_id, id, type, case_id, case_status FROM claim_feed(%s)"
_MAKE_DELIVERIES: LiteralString = "SELECT make_deliveries(%s::uuid[], %s::uuid[])"


class ClaimedEvent(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID
    type: str
    case_id: UUID | None
    case_status: str | None


JobArguments = dict[str, UUID]


def _assign(event: ClaimedEvent) -> JobArguments | None:
    if event.case_id is None or event.case_status == "ABANDONED":
        return None
    return {"organization_id": event.organization_id, "case_id": event.case_id}


# Which jobs an event calls for, and with which arguments; None says that this one calls for nothing.
CALLS_FOR: dict[str, dict[str, Callable[[ClaimedEvent], JobArguments | None]]] = {
    "CREATE_CASE": {ASSIGN_CASE: _assign},
}


async def dispatch(services: Services) -> int:
    """Makes the jobs of the events that wait, at most MOST_AT_ONCE of them, and returns how many events those were."""
    async with services.db.across() as conn:
        events = await _claim(conn)
        if events:
            ids = uuid_array(event.organization_id for event in events), uuid_array(event.id for event in events)
            await conn.execute(_MAKE_DELIVERIES, ids)
            await queue_notices(services, conn, [(event.organization_id, event.id, event.type) for event in events])
        for task_name, arguments in _jobs_for(events).items():
            await jobs.enqueue(conn, task_name, arguments)
        if events:
            failpoints.reach("dispatcher.claimed")
    if events:
        failpoints.reach("dispatcher.committed")
    return len(events)


async def run(services: Services) -> None:
    """Dispatches until cancelled, resting only when nothing waits."""
    while True:
        if await dispatch(services) == 0:
            await asyncio.sleep(services.settings.dispatch_seconds)


async def _claim(conn: Connection) -> list[ClaimedEvent]:
    async with conn.cursor(row_factory=class_row(ClaimedEvent)) as cursor:
        await cursor.execute(_CLAIM, (MOST_AT_ONCE,))
        return await cursor.fetchall()


def _jobs_for(events: list[ClaimedEvent]) -> dict[str, list[JobArguments]]:
    """The jobs by task, so that each task's jobs go into the queue in one statement."""
    by_task: dict[str, list[JobArguments]] = {}
    for event in events:
        for task_name, arguments_of in CALLS_FOR.get(event.type, {}).items():
            arguments = arguments_of(event)
            if arguments is not None:
                by_task.setdefault(task_name, []).append(arguments)
    return by_task
