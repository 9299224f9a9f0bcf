"""Handing a prescription over: the part that must happen once.

`sending_began_at` is committed before the first byte leaves. As long as it stands and no answer is known, the order is never
sent: the pharmacy is asked, and only its word that it has no such order clears the field. A request that surely did not
leave clears it too.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from carelane.documents.actions import NewFile
from carelane.kit import clock, failpoints
from carelane.kit.db import Connection
from carelane.orders.sending import documents, states
from carelane.orders.sending.actions import move, moved_to
from carelane.orders.sending.glyphs import NoGlyphError
from carelane.orders.sending.queries import LockedOrder, insert_attempt, save_order
from carelane.orders.sending.settling import count_failure, give_up, go_on, is_ours, locked, take_in
from carelane.orders.sending.task import OrderTask, Outcome, call_pharmacy
from carelane.pharmacies.adapters import Adapter, Report
from carelane.pharmacies.schemas import Prescription

INACTIVE = "the pharmacy is not active"
NO_GLYPH = "the prescription cannot be printed; no font here has every character of"
LEASE_ENDED = "the lease had ended"


async def cancel_unsent(task: OrderTask) -> None:
    """Nothing left yet, and nothing will."""
    async with locked(task) as (conn, order):
        now = clock.now()
        if is_ours(task, order) and states.next_step(order, now) == "CANCEL_UNSENT":
            after = replace(moved_to(order, "CANCELED", now), next_step_at=None)
            await move(conn, task.actor, order, after)


async def await_payment(task: OrderTask) -> None:
    """Not paid yet: looked at again much later, or as soon as the payment is told of."""
    async with locked(task) as (conn, order):
        await go_on(conn, task, order)


async def send(task: OrderTask) -> None:
    if task.pharmacy is None or not task.pharmacy.is_active:
        await _hold(task, INACTIVE)
        return
    adapter, prescription = task.adapter(), task.prescription()
    try:
        file = await documents.make_prescription(task, prescription)
    except NoGlyphError as error:
        await _hold(task, f"{NO_GLYPH} {', '.join(error.fields)}")
        return
    failpoints.reach("order.pdf_made")
    began_at = await begin(task, file)
    if began_at is None:
        return
    failpoints.reach("order.sending")
    outcome = await _hand_over(task, adapter, prescription, bytes(file.content))
    failpoints.reach("order.sent")
    await _take_answer(task, began_at, outcome)
    failpoints.reach("order.committed")


async def begin(task: OrderTask, file: NewFile) -> datetime | None:
    """Commits that the order is about to leave. None: it must not leave, or somebody else has taken it up."""
    async with locked(task) as (conn, order):
        now = clock.now()
        if not is_ours(task, order):
            return None
        if states.next_step(order, now) != "SEND":
            await go_on(conn, task, order)
            return None
        acts = [] if order.is_document_stored else [await documents.add_to_case(conn, task, file)]
        after = replace(order, status="SENDING", sending_began_at=now, document_id=file.id)
        await move(conn, task.actor, order, after, *acts)
    return now


async def ask(task: OrderTask) -> None:
    """An order whose fate is not known: has the pharmacy got it?"""
    if not await _may_ask(task):
        return
    known = task.order
    outcome = await call_pharmacy("status", task.adapter().status(known.external_id, known.pharmacy_order_id))
    async with locked(task) as (conn, order):
        await insert_attempt(conn, outcome.attempt(order))
        if outcome.answer is not None:
            await take_in(conn, task, order, outcome.answer)
        elif outcome.ending == "done":
            await _not_there(conn, task, order)
        elif states.next_step(order, clock.now()) == "ASK":
            await count_failure(conn, task, order, outcome.failure or "", outcome.wait_seconds)


async def _may_ask(task: OrderTask) -> bool:
    """Not while what was sent may still be on its way: the pharmacy would say that it has nothing, and get it twice."""
    ask_at = _ask_at(task)
    if ask_at <= clock.now():
        return True
    async with locked(task) as (conn, order):
        if is_ours(task, order):
            await save_order(conn, replace(order, next_step_at=ask_at))
    return False


def _ask_at(task: OrderTask) -> datetime:
    order, settings, now = task.order, task.services.settings, clock.now()
    ask_at = states.due_at(order, now, settings) or now
    if not task.lease.item.was_left or order.sending_began_at is None:
        return ask_at
    # Its worker may live and have lost no more than its lease. A call begins while that is held, and takes no longer than this.
    seconds = settings.claim_lease_seconds + settings.pharmacy_timeout_seconds
    return max(ask_at, order.sending_began_at + timedelta(seconds=seconds))


async def _hold(task: OrderTask, why: str) -> None:
    """It does not leave: a person must look at it."""
    async with locked(task) as (conn, order):
        if is_ours(task, order) and states.next_step(order, clock.now()) == "SEND":
            await give_up(conn, task, order, why)


async def _hand_over(task: OrderTask, adapter: Adapter, prescription: Prescription, pdf: bytes) -> Outcome[Report]:
    """Not once the lease has ended: whoever has the order then would find nothing at the pharmacy yet, and send it too."""
    if not task.lease.is_held():
        return Outcome(call="new_rx", ending="not_sent", failure=LEASE_ENDED, duration_milliseconds=0)
    return await call_pharmacy("new_rx", adapter.new_rx(prescription, pdf, task.callback_url()))


async def _take_answer(task: OrderTask, began_at: datetime, outcome: Outcome[Report]) -> None:
    report = outcome.answer
    async with locked(task) as (conn, order):
        is_refusal = report is not None and report.status == "REJECTED"
        await insert_attempt(conn, outcome.attempt(order, is_refusal=is_refusal))
        if report is not None:
            await take_in(conn, task, order, report)
        elif order.sending_began_at != began_at or states.next_step(order, clock.now()) != "ASK":
            # A callback was faster than the answer that never came, or somebody else has gone on with it.
            return
        elif outcome.ending == "not_sent":
            await _take_back(conn, task, order, outcome)
        else:
            await _leave_unknown(conn, task, order, outcome)


async def _take_back(conn: Connection, task: OrderTask, order: LockedOrder, outcome: Outcome[Report]) -> None:
    """Nothing left, so it may be sent again."""
    free = replace(order, sending_began_at=None)
    if is_ours(task, order) and states.wants_cancel(free):
        await go_on(conn, task, free)
    elif is_ours(task, order):
        await count_failure(conn, task, free, outcome.failure or "", outcome.wait_seconds)
    else:
        await save_order(conn, free)


async def _leave_unknown(conn: Connection, task: OrderTask, order: LockedOrder, outcome: Outcome[Report]) -> None:
    """It may be there: asked about next, however often it failed, because nobody should have to decide without knowing."""
    if not is_ours(task, order):
        return
    settings, now = task.services.settings, clock.now()
    failed = replace(order, attempts=order.attempts + 1, failure=outcome.failure)
    patience = now + states.retry_wait(failed.attempts, settings, outcome.wait_seconds)
    ask_at = states.due_at(failed, now, settings) or now
    await save_order(conn, replace(failed, next_step_at=max(patience, ask_at)))


async def _not_there(conn: Connection, task: OrderTask, order: LockedOrder) -> None:
    """The pharmacy has no such order: it may be sent again, unless that was tried often enough."""
    has_moved = order.sending_began_at != task.order.sending_began_at
    if not is_ours(task, order) or has_moved or states.next_step(order, clock.now()) != "ASK":
        return
    free = replace(order, sending_began_at=None)
    if free.attempts >= task.services.settings.pharmacy_attempts and not states.wants_cancel(free):
        await give_up(conn, task, free, free.failure or "")
    else:
        await go_on(conn, task, free)
