"""The worker's part: claims orders whose next step is due, and takes that step."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from uuid import UUID

import structlog

from carelane.kit import clock, failpoints
from carelane.kit.claims import ClaimRequest, Lease, Queue
from carelane.kit.errors import UnavailableError
from carelane.orders.sending import following, handover, queries, states
from carelane.orders.sending.queries import ClaimedOrder
from carelane.orders.sending.settling import count_failure, locked
from carelane.orders.sending.task import DueOrder, OrderTask, failure_of
from carelane.pharmacies.queries import find_pharmacy
from carelane.services import Services

MAX_IN_FLIGHT = 96
# So that a pharmacy that never answers does not keep the worker from the others.
MAX_FOR_ONE_PHARMACY = 24

log = structlog.get_logger()

_STEPS: dict[states.Action, Callable[[OrderTask], Awaitable[None]]] = {
    "CANCEL_UNSENT": handover.cancel_unsent,
    "AWAIT_PAYMENT": handover.await_payment,
    "SEND": handover.send,
    "ASK": handover.ask,
    "CANCEL": following.cancel,
    "FETCH_DOCUMENT": following.fetch_document,
    "POLL": following.poll,
    "GIVE_UP": following.stop_following,
}


def order_queue(services: Services) -> Queue[DueOrder]:
    return Queue(
        name="order",
        claim=partial(claim, services),
        work=partial(work, services),
        renew=partial(renew, services),
        share_key=lambda due: due.order.pharmacy_id,
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=services.settings.transmit_seconds,
    )


async def claim(services: Services, request: ClaimRequest) -> list[DueOrder]:
    """Orders that are due, each with what is needed to turn to its pharmacy."""
    async with services.db.across() as conn:
        claimed = await queries.claim_orders(conn, request, MAX_FOR_ONE_PHARMACY)
    by_organization: dict[UUID, list[ClaimedOrder]] = defaultdict(list)
    for order in claimed:
        by_organization[order.organization_id].append(order)
    return [
        due
        for organization_id, orders in by_organization.items()
        for due in await _open_or_leave(services, organization_id, orders, request.claim_id)
    ]


async def renew(services: Services, leases: list[Lease[DueOrder]]) -> Collection[UUID]:
    async with services.db.across() as conn:
        return await queries.update_leases(conn, leases, services.settings.claim_lease_seconds)


async def work(services: Services, lease: Lease[DueOrder]) -> None:
    failpoints.reach("order.claimed")
    await take_step(OrderTask(services=services, lease=lease))


async def take_step(task: OrderTask) -> None:
    """One step of one order. Never raises: what cannot be done now is due again when the lease ends, or sooner."""
    try:
        step = states.next_step(task.order, clock.now())
        if step is not None:
            await _STEPS[step](task)
    except Exception as error:
        log.error("order_step_failed", organization_id=str(task.order.organization_id), error=type(error).__name__)
        await _count_error(task, error)


async def _open_or_leave(
    services: Services, organization_id: UUID, claimed: list[ClaimedOrder], claim_id: UUID
) -> list[DueOrder]:
    """One organization whose orders cannot be read must not keep those of the others from going. Raises UnavailableError."""
    try:
        return await _open(services, organization_id, claimed, claim_id)
    except UnavailableError:
        raise
    except Exception as error:
        log.error("orders_left_to_their_lease", organization_id=str(organization_id), error=type(error).__name__)
        return []


async def _open(
    services: Services, organization_id: UUID, claimed: list[ClaimedOrder], claim_id: UUID
) -> list[DueOrder]:
    data_key = await services.keyring.data_key(organization_id)
    was_left = {each.id: each.was_left for each in claimed}
    async with services.db.reading(organization_id) as conn:
        orders = await queries.list_orders(conn, organization_id, list(was_left))
        wanted = {order.pharmacy_id for order in orders if order.pharmacy_id is not None}
        pharmacies = {None: None} | {each: await find_pharmacy(conn, organization_id, each) for each in wanted}
    return [
        DueOrder(order=order, pharmacy=pharmacies[order.pharmacy_id], data_key=data_key, was_left=was_left[order.id])
        for order in orders
        if order.claim_id == claim_id
    ]


async def _count_error(task: OrderTask, error: Exception) -> None:
    """An error of ours counts like a pharmacy's, so that an order which always meets it is seen by a person."""
    try:
        async with locked(task) as (conn, order):
            await count_failure(conn, task, order, failure_of(error))
    except Exception as second:
        log.warning("order_left_to_its_lease", error=type(second).__name__)
