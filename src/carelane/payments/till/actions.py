"""Writing a payment that was made at the desk: its row, its parts, what it posts, and what becomes of its charges."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from carelane import events
from carelane.charges.money.queries import find_payment_shown
from carelane.charges.money.schemas import PaymentSummaryOut
from carelane.charges.money.views import show_payment_summary
from carelane.charges.owed.queries import update_payments
from carelane.charges.refresh import refresh_locked
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.desk_entries import spend_credit
from carelane.ledger.schemas import Books, Entry
from carelane.payments.shares.queries import NewShare, insert_shares
from carelane.payments.shares.rows import take
from carelane.payments.spending import actions as spending
from carelane.payments.spending.queries import CreditRow, NewCredit
from carelane.payments.till import queries
from carelane.payments.till.queries import NewPayment
from carelane.payments.till.rows import Shares


async def pay_outside(conn: Connection, actor: Actor, payment: NewPayment, shares: Shares) -> None:
    """A payment in cash or by something else outside. What is more than its shares becomes credit. The charges are locked."""
    parts = await _write(conn, payment, shares)
    in_cash, over = payment.method == "CASH", payment.amount_cents - sum(cents for _, cents in shares)
    acts = [
        entries.paid_elsewhere(
            part.id,
            charge.books,
            patient_id=charge.patient_id,
            amount_cents=cents,
            charge_id=charge.id,
            outstanding_cents=cents,
            in_cash=in_cash,
        )
        for part, (charge, cents) in zip(parts, shares, strict=True)
    ]
    if over:
        acts.append(
            entries.paid_elsewhere(
                payment.id, _books(payment), patient_id=payment.patient_id, amount_cents=over, in_cash=in_cash
            )
        )
        await spending.add_credit(conn, _over(payment, over), "PAYMENT")
    await _post(conn, actor, payment, shares, acts)


async def pay_with_credit(
    conn: Connection, actor: Actor, payment: NewPayment, shares: Shares, chosen: Sequence[tuple[CreditRow, int]]
) -> None:
    """A payment out of credits, which are locked as the charges are; what was chosen comes to the amount."""
    parts = await _write(conn, payment, shares)
    sources = await spending.spend(conn, payment.organization_id, payment.id, chosen)
    acts = []
    for part, (charge, cents) in zip(parts, shares, strict=True):
        taken, sources = take(sources, cents)
        entry = spend_credit(part.id, charge.books, patient_id=charge.patient_id, sources=taken, charge_id=charge.id)
        acts.append(entry)
    await _post(conn, actor, payment, shares, acts)


async def show(conn: Connection, organization_id: UUID, payment_id: UUID) -> PaymentSummaryOut:
    """`PaymentSummary` of a payment that is there."""
    found = await find_payment_shown(conn, organization_id, payment_id)
    if found is None:
        raise LookupError("no such payment")
    return show_payment_summary(*found)


async def _write(conn: Connection, payment: NewPayment, shares: Shares) -> list[NewShare]:
    await queries.insert_payment(conn, payment)
    parts = [
        NewShare(
            organization_id=payment.organization_id,
            id=uuid7(),
            payment_id=payment.id,
            charge_id=charge.id,
            amount_cents=cents,
        )
        for charge, cents in shares
    ]
    await insert_shares(conn, parts)
    return parts


async def _post(conn: Connection, actor: Actor, payment: NewPayment, shares: Shares, acts: Sequence[Entry]) -> None:
    await post(conn, payment.organization_id, *acts)
    for charge, cents in shares:
        await refresh_locked(conn, charge, actor)
        if cents == charge.outstanding_cents:
            # What would still be taken by card for it is not.
            await update_payments(conn, payment.organization_id, charge.id)
    told: dict[str, Any] = {"target_id": payment.id, "is_test": payment.is_test}
    added = events.new_event(actor, "PAYMENT_ADDED", None, **told)
    await events.record(conn, added, events.new_event(actor, "PAYMENT_COMPLETED", None, **told))


def _over(payment: NewPayment, cents: int) -> NewCredit:
    return NewCredit(
        organization_id=payment.organization_id,
        id=uuid7(),
        patient_id=payment.patient_id,
        account_patient_id=payment.patient_id,
        currency=payment.currency,
        is_test=payment.is_test,
        amount_cents=cents,
        created_by_staff_id=payment.created_by_staff_id,
        payment_id=payment.id,
    )


def _books(payment: NewPayment) -> Books:
    return Books(payment.currency, payment.is_test)
