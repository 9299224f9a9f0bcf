"""What happens to an order after it was taken, by its scenario: waits and changes, each reported by a message."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from carelane.kit import clock
from carelane.pharmacies.simulator.orders import Order, Pace

_DUPLICATES = 3
_DAYS_UNTIL_DELIVERY = 3

Tell = Callable[[Order], None]
Step = tuple[float, Callable[[Order], None]]


async def run(order: Order, pace: Pace, tell: Tell, hold_back: Callable[[Order], Callable[[], None]]) -> None:
    """Runs to the order's end. `tell` sends the order as it is now; `hold_back` records it now, and sends it when called."""
    scenario = order.new.scenario
    kept: list[Callable[[], None]] = []
    for wait_seconds, change in _course(order, pace):
        await asyncio.sleep(wait_seconds)
        change(order)
        if scenario == "reorder":
            kept.append(hold_back(order))
        elif scenario != "lost":
            tell(order)
    for send in reversed(kept):
        send()


def repetitions(order: Order) -> int:
    """How often each message is sent, under the same id."""
    return _DUPLICATES if order.new.scenario == "duplicate" else 1


def _course(order: Order, pace: Pace) -> list[Step]:
    accept: Step = (pace.accept_after_seconds, _accept)
    ship: Step = (pace.ship_after_seconds, lambda order: order.ship(1))
    deliver: Step = (pace.deliver_after_seconds, Order.deliver)
    match order.new.scenario:
        case "reject-later":
            return [(pace.accept_after_seconds, Order.reject)]
        case "hold":
            return [accept]
        case "partial":
            return [accept, ship, (pace.ship_after_seconds, lambda order: order.ship(2)), deliver]
        case _:
            return [accept, ship, deliver]


def _accept(order: Order) -> None:
    order.status = "ACCEPTED"
    order.estimated_delivery_at = clock.now() + timedelta(days=_DAYS_UNTIL_DELIVERY)
