"""What happens to an order after it was taken, by its scenario: waits and changes, each reported by a message."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from carelane.kit import clock
from carelane.pharmacies.simulator.orders import Order, Pace

_DUPLICATES = 3
_DAYS_UNTIL_DELIVERY = 3

Tell = Callable[[Order], None]
# What a person may let happen next; REST is the way from there to the end.
Story = Literal["ACCEPT", "SHIP", "DELIVER", "REJECT", "CANCEL", "REST"]
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


def tell_story(order: Order, story: Story) -> None:
    """One thing that happens now. What is shipped again travels in one more parcel, what was never shipped in one."""
    match story:
        case "ACCEPT":
            _accept(order)
        case "SHIP":
            order.ship(len(order.parcels) + 1)
        case "DELIVER":
            if not order.parcels:
                order.ship(1)
            order.deliver()
        case "REJECT":
            order.reject()
        case "CANCEL":
            order.status, order.reason = "CANCELED", "The simulator was told to cancel this order"
        case "REST":
            pass


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
            # From where it stands: a story may have moved it on.
            return {"ACCEPTED": [ship, deliver], "SHIPPED": [deliver]}.get(order.status, [accept, ship, deliver])


def _accept(order: Order) -> None:
    order.status = "ACCEPTED"
    order.estimated_delivery_at = clock.now() + timedelta(days=_DAYS_UNTIL_DELIVERY)
