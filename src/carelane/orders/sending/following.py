"""What is asked of a pharmacy that has the order: to cancel it, for its document, where the order is."""

from msgspec.structs import replace

from carelane.kit import clock, failpoints
from carelane.kit.db import Connection
from carelane.orders.sending import documents, states
from carelane.orders.sending.actions import TOO_LATE, move
from carelane.orders.sending.queries import LockedOrder, insert_attempt, save_order
from carelane.orders.sending.settling import NO_DOCUMENT, count_failure, give_up, go_on, is_ours, locked, take_in
from carelane.orders.sending.task import OrderTask, call_pharmacy
from carelane.pharmacies.adapters import Report

NOT_KNOWN = "the pharmacy no longer knows the order"
NO_NEWS = "the order has not moved for too long"


async def cancel(task: OrderTask) -> None:
    known = task.order
    asked = task.adapter().cancel_rx(known.external_id, known.pharmacy_order_id, task.cancel_reason())
    outcome = await call_pharmacy("cancel_rx", asked)
    report = outcome.answer
    async with locked(task) as (conn, order):
        is_refusal = report is not None and report.status != "CANCELED"
        await insert_attempt(conn, outcome.attempt(order, is_refusal=is_refusal))
        if report is not None and is_refusal:
            await _take_refusal(conn, task, order, report)
        elif report is not None:
            await take_in(conn, task, order, report)
        elif states.next_step(order, clock.now()) == "CANCEL":
            await count_failure(conn, task, order, outcome.failure or "", outcome.wait_seconds)


async def fetch_document(task: OrderTask) -> None:
    """The pharmacy's own document becomes a restricted one of the case, once."""
    known = task.order
    asked = task.adapter().document(known.external_id, known.pharmacy_order_id)
    outcome = await call_pharmacy("document", asked)
    file = await documents.keep_document(task, outcome.answer) if outcome.answer is not None else None
    failpoints.reach("order.document_stored")
    async with locked(task) as (conn, order):
        await insert_attempt(conn, outcome.attempt(order))
        if order.pharmacy_document_id is not None:
            return
        if file is None:
            await count_failure(conn, task, order, outcome.failure or NO_DOCUMENT, outcome.wait_seconds)
            return
        after = replace(order, pharmacy_document_id=file.id, attempts=0, failure=None)
        due_at = states.due_at(after, clock.now(), task.services.settings)
        added = await documents.add_to_case(conn, task, file)
        await move(conn, task.actor, order, replace(after, next_step_at=due_at), added)


async def poll(task: OrderTask) -> None:
    """Makes good a callback that was lost. A pharmacy that cannot be asked just now is asked again in its time."""
    known = task.order
    outcome = await call_pharmacy("status", task.adapter().status(known.external_id, known.pharmacy_order_id))
    async with locked(task) as (conn, order):
        await insert_attempt(conn, outcome.attempt(order))
        if outcome.answer is not None:
            await take_in(conn, task, order, outcome.answer)
        elif outcome.ending != "done":
            await go_on(conn, task, replace(order, failure=outcome.failure))
        elif is_ours(task, order) and states.next_step(order, clock.now()) == "POLL":
            await give_up(conn, task, order, NOT_KNOWN)


async def stop_following(task: OrderTask) -> None:
    async with locked(task) as (conn, order):
        if is_ours(task, order) and states.next_step(order, clock.now()) == "GIVE_UP":
            await give_up(conn, task, order, NO_NEWS)


async def _take_refusal(conn: Connection, task: OrderTask, order: LockedOrder, report: Report) -> None:
    """Too late: the order goes its way, and that it was to be canceled stays on record."""
    refused = replace(order, cancel_failure=order.cancel_failure or TOO_LATE)
    await save_order(conn, refused)
    await take_in(conn, task, refused, report)
