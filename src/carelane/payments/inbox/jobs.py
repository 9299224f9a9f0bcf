"""The worker's part: events that are due are applied, and old ones forgotten."""

from collections.abc import Collection, Sequence
from functools import partial
from itertools import chain
from uuid import UUID

import structlog

from carelane.kit import failpoints
from carelane.kit.auth import system_actor
from carelane.kit.batches import Batches
from carelane.kit.claims import ClaimRequest, Lease, Queue, retry_seconds
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.inbox import actions, queries
from carelane.payments.inbox.matching.actions import Verdict, apply_event
from carelane.payments.inbox.queries import DueEvent, EventRow, SettledEvent
from carelane.services import Services

MAX_IN_FLIGHT = 32
# Organizations read from, and written for, at a time.
MAX_READING = 2
MAX_SAVING = 2
LOOK_SECONDS = 0.2
FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 1_800.0

log = structlog.get_logger()


def gateway_event_queue(services: Services) -> Queue[DueEvent]:
    return Queue(
        name="gateway_event",
        claim=partial(claim, services),
        work=Inbox(services).work,
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


class Inbox:
    """All organizations' events: read and written down in batches, applied one by one."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reading: Batches[Lease[DueEvent], EventRow | None] = Batches(self._read, MAX_READING)
        self._saving: Batches[list[SettledEvent], None] = Batches(self._save, MAX_SAVING)

    async def work(self, lease: Lease[DueEvent]) -> None:
        """Applies one event, and with it what else is told of the same intent. What fails is tried again, less and less often."""
        organization_id = lease.item.organization_id
        event = await self._reading.add(organization_id, lease)
        if event is None:
            return
        failpoints.reach("gateway_event.claimed")
        try:
            verdict = await apply_event(self._services, system_actor(organization_id), event)
        except Exception as error:
            await _leave(self._services, lease, event, error)
            return
        if verdict.status == "UNMATCHED":
            await _leave_unmatched(self._services, lease, event, verdict)
        else:
            ids = [event.id, *event.together]
            settled = [SettledEvent(id=one, status=verdict.status, failure=verdict.failure) for one in ids]
            await self._saving.add(organization_id, settled)
        failpoints.reach("gateway_event.applied")

    async def _read(self, organization_id: UUID, leases: list[Lease[DueEvent]]) -> Sequence[EventRow | None]:
        """None: somebody else has it by now, or it is applied with an earlier one that is told of the same intent."""
        async with self._services.db.reading(organization_id) as conn:
            found = await queries.list_claimed(conn, organization_id, leases)
        first, taken = dict[UUID, EventRow](), set[UUID]()
        for event in found:
            if event.id not in taken:
                first[event.id] = event
                taken.update(event.together)
        return [first.get(lease.item.id) for lease in leases]

    async def _save(self, organization_id: UUID, settled: list[list[SettledEvent]]) -> Sequence[None]:
        async with self._services.db.transaction(system_actor(organization_id)) as conn:
            await queries.set_settled(conn, organization_id, list(chain.from_iterable(settled)))
        return [None] * len(settled)


async def remove_old(services: Services) -> None:
    """Of all organizations that have or had a gateway."""
    async with services.db.across() as conn:
        organization_ids = await queries.list_organizations(conn)
    for organization_id in organization_ids:
        await actions.remove_old(services, organization_id)


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
