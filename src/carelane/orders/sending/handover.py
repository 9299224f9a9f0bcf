"""Handing a prescription over: the part that must happen once.

`sending_began_at` is committed before the first byte leaves. As long as it stands and no answer is known, the order is never
sent: the pharmacy is asked, and only its word that it has no such order clears the field. A request that surely did not
leave clears it too.
"""

from datetime import datetime

from msgspec.structs import replace

from carelane.documents.actions import NewFile
from carelane.kit import clock, failpoints
from carelane.kit.db import Connection
from carelane.orders.sending import documents, steps
from carelane.orders.sending.errand import Errand, Outcome, turn_to_pharmacy
from carelane.orders.sending.progress import move, moved_to
from carelane.orders.sending.queries import LockedOrder, insert_attempt, save_order
from carelane.orders.sending.settling import count_failure, give_up, go_on, is_ours, locked, take_in
from carelane.pharmacies.adapters import Adapter, Report
from carelane.pharmacies.schemas import Prescription

INACTIVE = "the pharmacy is not active"
CLAIM_ENDING = "the claim was about to end"


async def cancel_unsent(errand: Errand) -> None:
    """Nothing left yet, and nothing will."""
    async with locked(errand) as (conn, order):
        now = clock.now()
        if is_ours(errand, order) and steps.next_step(order, now) == "CANCEL_UNSENT":
            after = replace(moved_to(order, "CANCELED", now), next_step_at=None)
            await move(conn, errand.actor, order, after)


async def send(errand: Errand) -> None:
    if errand.pharmacy is None or not errand.pharmacy.is_active:
        await _refuse(errand)
        return
    adapter, prescription = errand.adapter(), errand.prescription()
    file = await documents.make_prescription(errand, prescription)
    failpoints.reach("order.pdf_made")
    began_at = await begin(errand, file)
    if began_at is None:
        return
    failpoints.reach("order.sending")
    outcome = await _hand_over(errand, adapter, prescription, bytes(file.content))
    failpoints.reach("order.sent")
    await _take_answer(errand, began_at, outcome)
    failpoints.reach("order.committed")


async def begin(errand: Errand, file: NewFile) -> datetime | None:
    """Commits that the order is about to leave. None: it must not leave, or somebody else has taken it up."""
    async with locked(errand) as (conn, order):
        now = clock.now()
        if not is_ours(errand, order):
            return None
        if steps.next_step(order, now) != "SEND":
            await go_on(conn, errand, order)
            return None
        acts = [] if order.is_document_stored else [await documents.add_to_case(conn, errand, file)]
        after = replace(order, status="SENDING", sending_began_at=now, document_id=file.id)
        await move(conn, errand.actor, order, after, *acts)
    return now


async def ask(errand: Errand) -> None:
    """An order whose fate is not known: has the pharmacy got it?"""
    due_at = steps.due_at(errand.order, clock.now(), errand.services.settings)
    if due_at is not None and due_at > clock.now():
        # Its worker died a moment ago, and what it sent may still be on the way.
        async with locked(errand) as (conn, order):
            await go_on(conn, errand, order)
        return
    known = errand.order
    outcome = await turn_to_pharmacy("status", errand.adapter().status(known.external_id, known.pharmacy_order_id))
    async with locked(errand) as (conn, order):
        await insert_attempt(conn, outcome.attempt(order))
        if outcome.answer is not None:
            await take_in(conn, errand, order, outcome.answer)
        elif outcome.ending == "done":
            await _not_there(conn, errand, order)
        elif steps.next_step(order, clock.now()) == "ASK":
            await count_failure(conn, errand, order, outcome.failure or "", outcome.wait_seconds)


async def _refuse(errand: Errand) -> None:
    async with locked(errand) as (conn, order):
        if is_ours(errand, order) and steps.next_step(order, clock.now()) == "SEND":
            await give_up(conn, errand, order, INACTIVE)


async def _hand_over(errand: Errand, adapter: Adapter, prescription: Prescription, pdf: bytes) -> Outcome[Report]:
    """Not when the claim is about to end: whoever takes the order up then would find nothing at the pharmacy yet."""
    if not errand.has_time_to_call():
        return Outcome(call="new_rx", ending="not_sent", failure=CLAIM_ENDING, duration_milliseconds=0)
    return await turn_to_pharmacy("new_rx", adapter.new_rx(prescription, pdf, errand.callback_url()))


async def _take_answer(errand: Errand, began_at: datetime, outcome: Outcome[Report]) -> None:
    report = outcome.answer
    async with locked(errand) as (conn, order):
        is_refusal = report is not None and report.status == "REJECTED"
        await insert_attempt(conn, outcome.attempt(order, is_refusal=is_refusal))
        if report is not None:
            await take_in(conn, errand, order, report)
        elif order.sending_began_at != began_at or steps.next_step(order, clock.now()) != "ASK":
            # A callback was faster than the answer that never came, or somebody else has gone on with it.
            return
        elif outcome.ending == "not_sent":
            await _take_back(conn, errand, order, outcome)
        else:
            await _leave_unknown(conn, errand, order, outcome)


async def _take_back(conn: Connection, errand: Errand, order: LockedOrder, outcome: Outcome[Report]) -> None:
    """Nothing left, so it may be sent again."""
    free = replace(order, sending_began_at=None)
    if is_ours(errand, order) and steps.wants_cancel(free):
        await go_on(conn, errand, free)
    elif is_ours(errand, order):
        await count_failure(conn, errand, free, outcome.failure or "", outcome.wait_seconds)
    else:
        await save_order(conn, free)


async def _leave_unknown(conn: Connection, errand: Errand, order: LockedOrder, outcome: Outcome[Report]) -> None:
    """It may be there: asked about next, however often it failed, because nobody should have to decide without knowing."""
    if not is_ours(errand, order):
        return
    settings, now = errand.services.settings, clock.now()
    failed = replace(order, attempts=order.attempts + 1, failure=outcome.failure)
    patience = now + steps.retry_wait(failed.attempts, settings, outcome.wait_seconds)
    ask_at = steps.due_at(failed, now, settings) or now
    await save_order(conn, replace(failed, next_step_at=max(patience, ask_at)))


async def _not_there(conn: Connection, errand: Errand, order: LockedOrder) -> None:
    """The pharmacy has no such order: it may be sent again, unless that was tried often enough."""
    has_moved = order.sending_began_at != errand.order.sending_began_at
    if not is_ours(errand, order) or has_moved or steps.next_step(order, clock.now()) != "ASK":
        return
    free = replace(order, sending_began_at=None)
    if free.attempts >= errand.services.settings.pharmacy_attempts and not steps.wants_cancel(free):
        await give_up(conn, errand, free, free.failure or "")
    else:
        await go_on(conn, errand, free)
