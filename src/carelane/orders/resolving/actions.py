"""Saying what became of an order. The note stays with it, sealed."""

from msgspec.structs import replace

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.orders.desk.access import lock_order
from carelane.orders.desk.schemas import OrderMovedOut
from carelane.orders.errors import OrderStateError
from carelane.orders.resolving import queries
from carelane.orders.resolving.queries import RESOLUTION
from carelane.orders.resolving.schemas import ResolveOrderIn
from carelane.orders.sending import states
from carelane.orders.sending.actions import move, moved_to
from carelane.orders.sending.queries import LockedOrder
from carelane.permissions import ORDERS_WORK, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(ORDERS_WORK)
async def resolve_order(
    services: Services, actor: Actor, ref: str, body: ResolveOrderIn, request_key: RequestKey | None
) -> OrderMovedOut:
    """Raises OrderNotFoundError, OrderStateError, RuleBrokenError, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> OrderMovedOut:
        order = await lock_order(conn, actor, ref)
        _require_open(order, body, is_resolved=await queries.find_is_resolved(conn, actor.organization_id, order.id))
        after = _after(services, order, body)
        resolved = events.new_event(
            actor, "ORDER_RESOLVED", order.case_id, target_id=order.id, is_test=order.is_test, value_after=body.happened
        )
        await move(conn, actor, order, after, resolved)
        sealed = data_key.seal(body.note.encode(), RESOLUTION, order.id)
        await queries.set_resolved(conn, actor.organization_id, order.id, sealed)
        return OrderMovedOut(
            id=after.id,
            status=after.status,
            cancel_requested_at=after.cancel_requested_at,
            next_step_at=after.next_step_at,
        )

    return await run_once(services, actor, request_key, act)


def _require_open(order: LockedOrder, body: ResolveOrderIn, *, is_resolved: bool) -> None:
    """Raises OrderStateError when nobody has to look at it any more, RuleBrokenError when the answer does not fit."""
    if body.seen_status is not None and body.seen_status != order.status:
        raise OrderStateError(f"the order is {order.status} by now, no longer {body.seen_status}; look at it again")
    if order.status == "NEEDS_ATTENTION":
        if body.happened == "UNCHANGED":
            _refuse(
                "happened", "expected what happened at the pharmacy: ACCEPTED, SHIPPED, DELIVERED, REJECTED or CANCELED"
            )
    elif order.status not in {"REJECTED", "CANCELED"} or is_resolved:
        raise OrderStateError(f"the order is {order.status}; nothing of it is left to resolve")
    elif body.happened != "UNCHANGED":
        _refuse("happened", f"the order is {order.status} and stays so: expected UNCHANGED")
    if body.tracking_id is not None and body.happened != "SHIPPED":
        _refuse("trackingId", "expected only with SHIPPED")


def _refuse(field: str, said: str) -> None:
    raise RuleBrokenError(problems=[FieldProblem(field, said)])


def _after(services: Services, order: LockedOrder, body: ResolveOrderIn) -> LockedOrder:
    """What failed no longer counts: a person knows better."""
    if body.happened == "UNCHANGED":
        return replace(order, failure=None)
    now = clock.now()
    began = order.sending_began_at
    if began is None and body.happened in {"ACCEPTED", "SHIPPED", "DELIVERED"}:
        # It got there by another way than ours.
        began = now
    after = moved_to(replace(order, sending_began_at=began), body.happened, now)
    after = replace(after, tracking_id=body.tracking_id or after.tracking_id, claim_id=None)
    return replace(after, next_step_at=states.due_at(after, now, services.settings))
