"""The worker's part: events that are due are applied, and old ones forgotten."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

import structlog

from carelane.kit import failpoints
from carelane.kit.auth import system_actor
from carelane.kit.claims import ClaimRequest, Lease, Queue, retry_seconds
from carelane.kit.db import Connection
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.inbox import actions, queries
from carelane.payments.inbox.matching.actions import Verdict, apply_event
from carelane.payments.inbox.queries import DueEvent, EventRow
from carelane.services import Services

MAX_IN_FLIGHT = 32
LOOK_SECONDS = 0.2
FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 1_800.0

log = structlog.get_logger()


def gateway_event_queue(services: Services) -> Queue[DueEvent]:
    return Queue(
        name="gateway_event",
        claim=partial(claim, services),
        work=partial(work, services),
        renew=partial(renew, services),
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=LOOK_SECONDS,
    )


async def claim(services: Services, request: ClaimRequest) -> list[DueEvent]:
    async with services.db.across() as conn:
        return await queries.claim_events(conn, request)


async def renew(services: Services, leases: list[Lease[DueEvent]]) -> Collection[UUID]:
    async with services.db.across() as conn:
        return await queries.update_leases(conn, leases, services.settings.claim_lease_seconds)


async def work(services: Services, lease: Lease[DueEvent]) -> None:
    """Applies one event, and with it what else is told of the same intent. What fails is tried again, less and less often."""
    organization_id = lease.item.organization_id
    async with services.db.reading(organization_id) as conn:
        event = await queries.find_claimed(conn, organization_id, lease.item.id, lease.claim_id)
        if event is None:
            return
        together = await _told_together(conn, organization_id, event)
    failpoints.reach("gateway_event.claimed")
    try:
        verdict = await apply_event(services, system_actor(organization_id), event)
    except Exception as error:
        await _leave(services, lease, event, error)
        return
    if verdict.status == "UNMATCHED":
        await _leave_unmatched(services, lease, event, verdict)
    else:
        async with services.db.transaction(system_actor(organization_id)) as conn:
            await queries.set_settled(conn, organization_id, together, verdict.status, verdict.failure)
    failpoints.reach("gateway_event.applied")


async def remove_old(services: Services) -> None:
    """Of all organizations that have or had a gateway."""
    async with services.db.across() as conn:
        organization_ids = await queries.list_organizations(conn)
    for organization_id in organization_ids:
        await actions.remove_old(services, organization_id)


async def _told_together(conn: Connection, organization_id: UUID, event: EventRow) -> list[UUID]:
    """Everything that one look at the object answers: what was kept before we look."""
    if event.object_kind not in {"intent", "charge"} or event.intent_id is None:
        return [event.id]
    found = await queries.list_companions(conn, organization_id, event.gateway_account_id, event.intent_id)
    return [event.id, *(each for each in found if each != event.id)]


async def _leave(services: Services, lease: Lease[DueEvent], event: EventRow, error: Exception) -> None:
    """A gateway's error is told in its own words, one of ours by its kind."""
    reason = str(error) if isinstance(error, GatewayError) else type(error).__name__
    if not isinstance(error, GatewayError):
        log.error("gateway_event_not_applied", organization_id=str(lease.item.organization_id), error=reason)
    seconds = retry_seconds(event.tries, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS)
    organization_id = lease.item.organization_id
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await queries.set_later(conn, organization_id, event.id, lease.claim_id, seconds, reason)


async def _leave_unmatched(services: Services, lease: Lease[DueEvent], event: EventRow, verdict: Verdict) -> None:
    """Unless the payment has appeared meanwhile: whoever adds one waits for us here, or we for them (`wake_unmatched`)."""
    organization_id = lease.item.organization_id
    async with services.db.transaction(system_actor(organization_id)) as conn:
        if verdict.intent_id is not None:
            await queries.lock_object(conn, organization_id, verdict.intent_id)
        payment_id = await queries.find_payment(
            conn,
            organization_id,
            event.gateway_account_id,
            verdict.intent_id,
            attempt_id=verdict.attempt_id,
            payment_id=verdict.payment_id,
        )
        if payment_id is None:
            told = {"intent_id": verdict.intent_id, "failure": verdict.failure}
            await queries.set_unmatched(conn, organization_id, event.id, lease.claim_id, **told)
        else:
            await queries.set_later(conn, organization_id, event.id, lease.claim_id, 0, verdict.failure)
