"""The loop that takes orders in hand when their next step is due, in the worker beside the dispatcher.

The rows are the queue: a claim moves `next_step_at` by a lease, so what a dead worker held is due again by itself.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import structlog

from carelane.kit import clock, failpoints
from carelane.kit.auth import system_actor
from carelane.kit.errors import UnavailableError
from carelane.orders.sending import following, handover, queries, steps
from carelane.orders.sending.errand import Claim, Errand, failure_of
from carelane.orders.sending.settling import count_failure, locked
from carelane.pharmacies.queries import find_pharmacy
from carelane.services import Services
from carelane.settings import Settings

MOST_AT_ONCE = 48
# So that a pharmacy that never answers does not hold all hands. One that has this many gets no more until half are done.
MOST_FOR_ONE_PHARMACY = 24
# After a full set of hands, the wait until a few of them are free again.
_BREATH_SECONDS = 0.02

log = structlog.get_logger()

_DOING: dict[steps.Action, Callable[[Errand], Awaitable[None]]] = {
    "CANCEL_UNSENT": handover.cancel_unsent,
    "SEND": handover.send,
    "ASK": handover.ask,
    "CANCEL": following.cancel,
    "FETCH_DOCUMENT": following.fetch_document,
    "POLL": following.poll,
    "GIVE_UP": following.stop_following,
}


async def run(services: Services) -> None:
    """Works until cancelled; then the orders in hand get `stop_seconds` to finish. Raises ValueError for settings under which
    two workers could hold one order."""
    require_lease(services.settings)
    hands = _Hands()
    try:
        while True:
            room = hands.room()
            errands = await claim(services, room, hands.full)
            for errand in errands:
                hands.take(errand)
            if len(errands) < room:
                await asyncio.sleep(services.settings.transmit_seconds)
            elif hands.room() == 0:
                await asyncio.wait(hands.busy, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(_BREATH_SECONDS)
    finally:
        await hands.finish(services.settings.stop_seconds)


class _Hands:
    """The orders being worked on, and how many of them each pharmacy has."""

    def __init__(self) -> None:
        self.busy: set[asyncio.Task[None]] = set()
        # The pharmacies that have their share.
        self.full: set[UUID] = set()
        self._by_pharmacy: Counter[UUID] = Counter()

    def room(self) -> int:
        """How many orders may be claimed, even if they were all for one pharmacy."""
        shares = [MOST_FOR_ONE_PHARMACY - count for each, count in self._by_pharmacy.items() if each not in self.full]
        return min(MOST_AT_ONCE - len(self.busy), MOST_FOR_ONE_PHARMACY, *shares)

    def take(self, errand: Errand) -> None:
        """Begins the order's step."""
        hand = asyncio.create_task(take_step(errand))
        self.busy.add(hand)
        pharmacy_id = errand.order.pharmacy_id
        if pharmacy_id is not None:
            self._by_pharmacy[pharmacy_id] += 1
            if self._by_pharmacy[pharmacy_id] >= MOST_FOR_ONE_PHARMACY:
                self.full.add(pharmacy_id)
        hand.add_done_callback(partial(self._let_go, pharmacy_id))

    def _let_go(self, pharmacy_id: UUID | None, hand: asyncio.Task[None]) -> None:
        self.busy.discard(hand)
        if pharmacy_id is None:
            return
        self._by_pharmacy[pharmacy_id] -= 1
        if self._by_pharmacy[pharmacy_id] <= MOST_FOR_ONE_PHARMACY // 2:
            self.full.discard(pharmacy_id)
        if not self._by_pharmacy[pharmacy_id]:
            del self._by_pharmacy[pharmacy_id]

    async def finish(self, seconds: float) -> None:
        """Whatever is cut off here counts as unknown, and the pharmacy is asked before anything is sent."""
        if self.busy:
            _, late = await asyncio.wait(self.busy, timeout=seconds)
            for hand in late:
                hand.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def require_lease(settings: Settings) -> None:
    """A call must be over before the order can be claimed again."""
    if settings.claim_lease_seconds <= settings.pharmacy_timeout_seconds:
        raise ValueError(
            "CARELANE_CLAIM_LEASE_SECONDS: expected more than CARELANE_PHARMACY_TIMEOUT_SECONDS "
            f"({settings.pharmacy_timeout_seconds:g})"
        )


async def claim(services: Services, most: int, full: Collection[UUID] = ()) -> list[Errand]:
    """Takes at most `most` orders that are due, each with what is needed to turn to its pharmacy; none of those `full`."""
    lease_seconds = services.settings.claim_lease_seconds
    held = Claim(uuid4(), asyncio.get_running_loop().time() + lease_seconds)
    async with services.db.across() as conn:
        claimed = await queries.claim_orders(conn, most, timedelta(seconds=lease_seconds), held.id, full)
    by_organization: dict[UUID, list[UUID]] = defaultdict(list)
    for order in claimed:
        by_organization[order.organization_id].append(order.id)
    return [
        errand
        for organization_id, order_ids in by_organization.items()
        for errand in await _open_or_leave(services, organization_id, order_ids, held)
    ]


async def take_step(errand: Errand) -> None:
    """One step of one order. Never raises: what cannot be done now is due again when the claim ends, or sooner."""
    failpoints.reach("order.claimed")
    try:
        step = steps.next_step(errand.order, clock.now())
        if step is not None:
            await _DOING[step](errand)
    except Exception as error:
        log.error("order_step_failed", organization_id=str(errand.order.organization_id), error=type(error).__name__)
        await _count_error(errand, error)


async def _open_or_leave(services: Services, organization_id: UUID, order_ids: list[UUID], held: Claim) -> list[Errand]:
    """One organization whose orders cannot be read must not keep those of the others from going. Raises UnavailableError."""
    try:
        return await _open(services, organization_id, order_ids, held)
    except UnavailableError:
        raise
    except Exception as error:
        log.error("orders_left_to_their_lease", organization_id=str(organization_id), error=type(error).__name__)
        return []


async def _open(services: Services, organization_id: UUID, order_ids: list[UUID], held: Claim) -> list[Errand]:
    data_key = await services.keyring.data_key(organization_id)
    actor = system_actor(organization_id)
    async with services.db.reading(organization_id) as conn:
        orders = await queries.list_orders(conn, organization_id, order_ids)
        wanted = {order.pharmacy_id for order in orders if order.pharmacy_id is not None}
        pharmacies = {None: None} | {each: await find_pharmacy(conn, organization_id, each) for each in wanted}
    return [
        Errand(
            services=services,
            order=order,
            pharmacy=pharmacies[order.pharmacy_id],
            claim=held,
            data_key=data_key,
            actor=actor,
        )
        for order in orders
        if order.claim_id == held.id
    ]


async def _count_error(errand: Errand, error: Exception) -> None:
    """An error of ours counts like a pharmacy's, so that an order which always meets it is seen by a person."""
    try:
        async with locked(errand) as (conn, order):
            await count_failure(conn, errand, order, failure_of(error))
    except Exception as second:
        log.warning("order_left_to_its_lease", error=type(second).__name__)
