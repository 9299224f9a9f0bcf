"""Telling the simulator how an order goes on. It is asked first, outside of any transaction; what it did is then put on record."""

from urllib.parse import urlsplit, urlunsplit

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.http import OutgoingError
from carelane.orders.desk.access import get_order
from carelane.orders.errors import OrderStateError, SimulatorSilentError
from carelane.orders.sending.queries import LockedOrder
from carelane.orders.stories.schemas import StoryIn, StoryToldOut
from carelane.permissions import ORDERS_WORK, requires
from carelane.pharmacies.actions import SIMULATORS
from carelane.pharmacies.queries import find_pharmacy
from carelane.services import Services


@requires(ORDERS_WORK)
async def tell_story(services: Services, actor: Actor, ref: str, body: StoryIn) -> StoryToldOut:
    """Raises OrderNotFoundError, OrderStateError, RuleBrokenError, SimulatorSilentError. Told twice, it happens twice: as at a pharmacy."""
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        order = await get_order(conn, actor, ref)
        pharmacy = await find_pharmacy(conn, organization_id, order.pharmacy_id) if order.pharmacy_id else None
    url = services.settings.pharmacy_simulator_url
    if not order.is_test or pharmacy is None or pharmacy.adapter not in SIMULATORS:
        raise RuleBrokenError(
            problems=[FieldProblem("story", "expected an order of a test case, at a pharmacy simulator")]
        )
    if order.sending_began_at is None:
        raise OrderStateError(f"the order is {order.status}; the simulator does not have it yet")
    if not url:
        raise SimulatorSilentError("no simulator runs: CARELANE_PHARMACY_SIMULATOR_URL is empty")
    await _tell(services, url, order, body)
    told = events.new_event(
        actor, "ORDER_SIMULATED", order.case_id, target_id=order.id, is_test=True, value_after=body.story
    )
    async with services.db.transaction(actor) as conn:
        await events.record(conn, told)
    return StoryToldOut(id=order.id, story=body.story, status=order.status)


async def _tell(services: Services, url: str, order: LockedOrder, body: StoryIn) -> None:
    try:
        answer = await services.simulator_http.send(
            "POST",
            _control(url, order),
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode(body),
            timeout_seconds=services.settings.pharmacy_timeout_seconds,
        )
    except OutgoingError as error:
        raise SimulatorSilentError(str(error)) from None
    if answer.status == 404:
        raise OrderStateError("the simulator does not have the order; it forgets all orders when it is started again")
    if answer.status == 409:
        raise RuleBrokenError(
            problems=[FieldProblem("story", "the order has come to an end at the simulator; nothing happens any more")]
        )
    if answer.status != 200:
        raise SimulatorSilentError(f"the simulator answered with HTTP {answer.status}")


def _control(url: str, order: LockedOrder) -> str:
    parts = urlsplit(url.rstrip("/"))
    return urlunsplit(parts._replace(path=f"{parts.path}/_simulator/orders/{order.external_id}/story"))
