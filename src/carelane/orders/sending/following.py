"""What is asked of a pharmacy that has the order: to cancel it, for its document, where the order is."""

from msgspec.structs import replace

from carelane.kit import clock, failpoints
from carelane.kit.db import Connection
from carelane.orders.sending import documents, steps
from carelane.orders.sending.errand import Errand, turn_to_pharmacy
from carelane.orders.sending.progress import TOO_LATE, move
from carelane.orders.sending.queries import LockedOrder, insert_attempt, save_order
from carelane.orders.sending.settling import NO_DOCUMENT, count_failure, give_up, go_on, is_ours, locked, take_in
from carelane.pharmacies.adapters import Report

NOT_KNOWN = "the pharmacy no longer knows the order"
NO_NEWS = "the order has not moved for too long"


async def cancel(errand: Errand) -> None:
    known = errand.order
    asked = errand.adapter().cancel_rx(known.external_id, known.pharmacy_order_id, errand.cancel_reason())
    outcome = await turn_to_pharmacy("cancel_rx", asked)
    report = outcome.answer
    async with locked(errand) as (conn, order):
        is_refusal = report is not None and report.status != "CANCELED"
        await insert_attempt(conn, outcome.attempt(order, is_refusal=is_refusal))
        if report is not None and is_refusal:
            await _take_refusal(conn, errand, order, report)
        elif report is not None:
            await take_in(conn, errand, order, report)
        elif steps.next_step(order, clock.now()) == "CANCEL":
            await count_failure(conn, errand, order, outcome.failure or "", outcome.wait_seconds)


async def fetch_document(errand: Errand) -> None:
    """The pharmacy's own document becomes a restricted one of the case, once."""
    known = errand.order
    asked = errand.adapter().document(known.external_id, known.pharmacy_order_id)
    outcome = await turn_to_pharmacy("document", asked)
    file = await documents.keep_document(errand, outcome.answer) if outcome.answer is not None else None
    failpoints.reach("order.document_stored")
    async with locked(errand) as (conn, order):
        await insert_attempt(conn, outcome.attempt(order))
        if order.pharmacy_document_id is not None:
            return
        if file is None:
            await count_failure(conn, errand, order, outcome.failure or NO_DOCUMENT, outcome.wait_seconds)
            return
        after = replace(order, pharmacy_document_id=file.id, attempts=0, failure=None)
        due_at = steps.due_at(after, clock.now(), errand.services.settings)
        added = await documents.add_to_case(conn, errand, file)
        await move(conn, errand.actor, order, replace(after, next_step_at=due_at), added)


async def poll(errand: Errand) -> None:
    """Makes good a callback that was lost. A pharmacy that cannot be asked just now is asked again in its time."""
    known = errand.order
    outcome = await turn_to_pharmacy("status", errand.adapter().status(known.external_id, known.pharmacy_order_id))
    async with locked(errand) as (conn, order):
        await insert_attempt(conn, outcome.attempt(order))
        if outcome.answer is not None:
            await take_in(conn, errand, order, outcome.answer)
        elif outcome.ending != "done":
            await go_on(conn, errand, replace(order, failure=outcome.failure))
        elif is_ours(errand, order) and steps.next_step(order, clock.now()) == "POLL":
            await give_up(conn, errand, order, NOT_KNOWN)


async def stop_following(errand: Errand) -> None:
    async with locked(errand) as (conn, order):
        if is_ours(errand, order) and steps.next_step(order, clock.now()) == "GIVE_UP":
            await give_up(conn, errand, order, NO_NEWS)


async def _take_refusal(conn: Connection, errand: Errand, order: LockedOrder, report: Report) -> None:
    """Too late: the order goes its way, and that it was to be canceled stays on record."""
    refused = replace(order, cancel_failure=order.cancel_failure or TOO_LATE)
    await save_order(conn, refused)
    await take_in(conn, errand, refused, report)
