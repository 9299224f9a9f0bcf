"""Placing an order as a member of staff."""

from carelane.cases.review.access import get_case
from carelane.kit.auth import Actor
from carelane.orders.actions import place
from carelane.orders.drafting.schemas import PlacedOrderOut, StaffOrderIn, as_sent
from carelane.permissions import ORDERS_WORK, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey


@requires(ORDERS_WORK)
async def place_staff_order(
    services: Services, actor: Actor, ref: str, body: StaffOrderIn, request_key: RequestKey | None
) -> PlacedOrderOut:
    """Through the same preflight as a storefront's; the worker sends it.

    Raises CaseNotFoundError, InvalidRequestError with every finding that refuses, and what `run_once` raises.
    """
    async with services.db.reading(actor.organization_id) as conn:
        await get_case(conn, actor, ref)
    placed = await place(services, actor, ref, as_sent(body), request_key)
    return PlacedOrderOut(placed.data.order.id)
