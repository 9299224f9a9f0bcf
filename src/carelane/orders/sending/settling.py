"""Writing down what came of a step: one transaction, in which the order is locked and looked at again first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from msgspec.structs import replace

from carelane.kit import clock
from carelane.kit.db import Connection
from carelane.orders.sending import queries, states
from carelane.orders.sending.actions import apply_report, move, moved_to
from carelane.orders.sending.queries import LockedOrder
from carelane.orders.sending.task import OrderTask
from carelane.orders.states import may_follow
from carelane.pharmacies.adapters import Report

UNANSWERED = "UNANSWERED"
NO_DOCUMENT = "the pharmacy's document could not be fetched"

log = structlog.get_logger()


@asynccontextmanager
async def locked(task: OrderTask) -> AsyncIterator[tuple[Connection, LockedOrder]]:
    """A transaction with the order as it is now. Commits at the end of the block."""
    async with task.services.db.transaction(task.actor) as conn:
        order = await queries.lock_order(conn, task.order.organization_id, task.order.id)
        if order is None:
            raise LookupError("the order is gone")
        yield conn, order


def is_ours(task: OrderTask, order: LockedOrder) -> bool:
    """Whether the order still carries our claim. What a pharmacy said is true whoever asked; what to do next is not ours to
    say once somebody else has taken the order up, or planned its next step."""
    return order.claim_id == task.lease.claim_id


async def take_in(conn: Connection, task: OrderTask, order: LockedOrder, report: Report) -> None:
    """The pharmacy answered, so what failed before no longer counts; when it says nothing new, the next step is planned."""
    calm, settings = replace(order, attempts=0, failure=None), task.services.settings
    has_news = await apply_report(conn, task.actor, task.data_key, calm, report, settings=settings)
    if not has_news:
        await go_on(conn, task, calm)


async def go_on(conn: Connection, task: OrderTask, order: LockedOrder) -> None:
    """Saves the order with its next step planned, if it is still ours."""
    if is_ours(task, order):
        due_at = states.due_at(order, clock.now(), task.services.settings)
        await queries.save_order(conn, replace(order, next_step_at=due_at))


async def count_failure(
    conn: Connection, task: OrderTask, order: LockedOrder, failure: str, wait_seconds: float | None = None
) -> None:
    """Tries again later; after `pharmacy_attempts` failures in a row it is left, by what it was that failed."""
    if not is_ours(task, order):
        return
    settings, attempts = task.services.settings, order.attempts + 1
    failed = replace(order, attempts=attempts, failure=failure)
    if attempts >= settings.pharmacy_attempts:
        await _leave(conn, task, failed, failure)
        return
    next_step_at = clock.now() + states.retry_wait(attempts, settings, wait_seconds)
    await queries.save_order(conn, replace(failed, next_step_at=next_step_at))


async def _leave(conn: Connection, task: OrderTask, order: LockedOrder, failure: str) -> None:
    step = states.next_step(order, clock.now())
    if step == "POLL":
        # A pharmacy that cannot be asked may still call us; it is asked again in its time.
        await go_on(conn, task, replace(order, attempts=0))
    elif step == "FETCH_DOCUMENT":
        # A document is not worth an order's way: the order is followed without it.
        await go_on(conn, task, replace(order, pharmacy_has_document=False, attempts=0, failure=NO_DOCUMENT))
    elif step == "CANCEL":
        # A person must know that the patient may still get it.
        await give_up(conn, task, replace(order, cancel_failure=UNANSWERED), failure)
    else:
        await give_up(conn, task, order, failure)


async def give_up(conn: Connection, task: OrderTask, order: LockedOrder, failure: str) -> None:
    """Leaves the order to a person, and says why. One that has come to its end stays there."""
    if order.status == "RECEIVED":
        sending = replace(order, status="SENDING")
        await move(conn, task.actor, order, sending)
        order = sending
    now = clock.now()
    after = moved_to(order, "NEEDS_ATTENTION", now) if may_follow(order.status, "NEEDS_ATTENTION") else order
    after = replace(after, failure=failure, attempts=order.attempts, next_step_at=None)
    if after.status == "NEEDS_ATTENTION" and states.next_step(after, now) is not None:
        # Somebody wants it canceled, which needs no person.
        wait = states.retry_wait(after.attempts, task.services.settings)
        after = replace(after, next_step_at=now + wait)
    log.warning("order_needs_attention", organization_id=str(order.organization_id), case_id=str(order.case_id))
    await move(conn, task.actor, order, after)
