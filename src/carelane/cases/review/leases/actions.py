"""Dealing the next case, and looking after one."""

from datetime import datetime
from uuid import UUID

from carelane import events
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.leases import queries
from carelane.cases.review.leases.queries import Leased
from carelane.cases.review.leases.schemas import NextIn, NextOut, PresenceOut
from carelane.cases.review.queries import LEASE
from carelane.cases.review.queue.queries import list_ids
from carelane.cases.review.queue.reads import get_wanted
from carelane.event_names import EventType
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_DECIDE, CASES_WORK, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# So many are looked at in one go: more than can be dealt to others in the same moment.
_CANDIDATES = 64
_TRIES = 5


@requires(CASES_WORK, CASES_DECIDE)
async def claim_next(services: Services, actor: Actor, body: NextIn, request_key: RequestKey | None = None) -> NextOut:
    """Deals the caller the case that runs out first, of those that fit and that nobody else looks after.

    Raises InvalidRequestError for a filter that says nothing.
    """
    filters = body.query().filters(actor.id)

    async def act(conn: Connection) -> NextOut:
        me = _me(actor)
        if body.instead_of is not None:
            await _tell(
                conn,
                actor,
                "CASE_RELEASED",
                await queries.delete_lease(conn, actor.organization_id, me, body.instead_of),
            )
        wanted = await get_wanted(conn, actor, filters)
        for _ in range(_TRIES):
            found = await list_ids(conn, actor.organization_id, wanted, _CANDIDATES, body.instead_of)
            leased = await queries.claim_lease(conn, actor.organization_id, me, found) if found else None
            if leased is not None:
                await _tell(conn, actor, "CASE_CLAIMED", leased)
                return NextOut(case_id=leased.case_id, until=_until())
            if not found:
                break
        return NextOut(case_id=None)

    return await run_once(services, actor, request_key, act)


@requires(CASES_WORK)
async def hold_case(services: Services, actor: Actor, ref: str) -> PresenceOut:
    """The caller looks after the case from now on, unless somebody else does; says who. Raises CaseNotFoundError."""
    case_id, me = _id_of(ref), _me(actor)
    async with services.db.transaction(actor) as conn:
        leased = await queries.set_lease(conn, actor.organization_id, me, case_id)
        if leased is None and not await queries.find_case(conn, actor.organization_id, case_id):
            raise CaseNotFoundError
        await _tell(conn, actor, "CASE_CLAIMED", leased)
        return await queries.find_presence(conn, actor.organization_id, me, case_id)


@requires(CASES_WORK)
async def release_case(services: Services, actor: Actor, ref: str) -> PresenceOut:
    """The caller lays the case down; what is not theirs stays as it is. Raises CaseNotFoundError."""
    case_id, me = _id_of(ref), _me(actor)
    async with services.db.transaction(actor) as conn:
        leased = await queries.delete_lease(conn, actor.organization_id, me, case_id)
        if leased is None and not await queries.find_case(conn, actor.organization_id, case_id):
            raise CaseNotFoundError
        await _tell(conn, actor, "CASE_RELEASED", leased)
        return await queries.find_presence(conn, actor.organization_id, me, case_id)


async def _tell(conn: Connection, actor: Actor, type: EventType, leased: Leased | None) -> None:  # noqa: A002 - as in events
    """A renewal is no news."""
    if leased is not None and leased.is_new:
        event = events.new_event(actor, type, leased.case_id, target_id=actor.id, is_test=leased.is_test)
        await events.record(conn, event)


def _me(actor: Actor) -> UUID:
    assert actor.id is not None
    return actor.id


def _id_of(ref: str) -> UUID:
    """Whatever is not an id names no case."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseNotFoundError
    return case_id


def _until() -> datetime:
    return clock.now() + LEASE
