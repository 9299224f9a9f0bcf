"""Giving back at the desk: first what the payment had brought as credit, the rest of its charges, in proportion to what is left of the
payment there."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from carelane import events
from carelane.charges.owed.queries import list_sources
from carelane.charges.plans.actions import lock_of_payment as lock_plan
from carelane.charges.refresh import lock_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError
from carelane.kit.ids import uuid7
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.entries import CASH, EXTERNAL, credit
from carelane.ledger.reads import credit_of
from carelane.ledger.schemas import AccountRef, Books
from carelane.payments.queries import PaymentRow
from carelane.payments.returns import queries
from carelane.payments.returns.queries import NewRefund
from carelane.payments.returns.states import Left, promised_aside, refuse_amount
from carelane.payments.settling.planning import refundable_cents
from carelane.payments.settling.queries import Standing, list_standing
from carelane.payments.settling.saving import Taken, payment_event, save
from carelane.payments.shares.actions import list_applied, post_given_back
from carelane.payments.shares.queries import list_shares
from carelane.payments.shares.rows import Sources, fits, spread_over
from carelane.payments.spending import actions as spending
from carelane.payments.spending.queries import CreditRow, NewCredit, lock_of_payment


async def give_back(
    conn: Connection,
    actor: Actor,
    standing: Standing,
    refund: NewRefund,
    retry: timedelta,
    of_lines: Mapping[UUID, int],
) -> None:
    """`of_lines`: what of which charge goes back, where lines do. Raises ConflictError when nothing is left, InvalidRequestError when
    less is."""
    payment = standing.payment
    await lock_plan(conn, actor.organization_id, payment.id)
    lefts = await _lefts(conn, standing)
    for charge_id, _ in lefts:
        await lock_charge(conn, actor.organization_id, charge_id)
    # What is credit already does not become credit once more.
    is_to_credit = refund.destination == "CREDIT" or payment.method in {"CREDIT", "GATEWAY"}
    brought = [] if is_to_credit else await lock_of_payment(conn, actor.organization_id, payment.id)
    left = Left(over_cents=sum(one.left_cents for one in brought), lefts=lefts, most_cents=promised_aside(standing))
    refuse_amount(refund.amount_cents, left.cents)
    if of_lines and not fits(of_lines, lefts):
        raise InvalidRequestError(
            problems=[FieldProblem("items", "expected items that the payment paid; less is left")]
        )
    await queries.insert_refund(conn, refund)
    of_credit = 0 if of_lines else min(refund.amount_cents, left.over_cents)
    if of_credit:
        await _post_brought(conn, payment, refund, brought, of_credit)
    rest = refund.amount_cents - of_credit
    if rest:
        sources = await _sources(conn, payment, refund, rest)
        parts = of_lines or spread_over(rest, lefts)
        await post_given_back(conn, actor, refund.id, parts, sources, is_of_lines=bool(of_lines))
    await _save(conn, actor, standing, refund, retry)


async def _lefts(conn: Connection, standing: Standing) -> list[tuple[UUID, int]]:
    """What of the payment stands against which charge. Raises ConflictError when nothing does."""
    payment = standing.payment
    shares = await list_shares(conn, payment.organization_id, payment.id)
    if shares and payment.method == "GATEWAY":
        return await list_applied(conn, payment.organization_id, shares)
    if shares:
        return [(share.charge_id, share.left_cents) for share in shares]
    if payment.charge_id is None:
        raise ConflictError("the payment has paid no charge yet; it goes back the way it came")
    held = await credit_of(conn, payment.organization_id, await list_sources(conn, payment.organization_id, payment.id))
    return [(payment.charge_id, max(refundable_cents(payment) - max(held, 0), 0))]


async def _post_brought(
    conn: Connection, payment: PaymentRow, refund: NewRefund, brought: list[CreditRow], cents: int
) -> None:
    """What was paid over the charges goes back, as far as it was not spent."""
    accounts = await spending.reduce_of_payment(conn, payment.organization_id, brought, cents)
    acts = [
        entries.returned(
            refund.id,
            Books(payment.currency, payment.is_test),
            source=_account(payment, refund),
            patient_id=account.owner_id,
            amount_cents=part,
            credit_cents=part,
        )
        for account, part in accounts
        if account.owner_id is not None
    ]
    await post(conn, payment.organization_id, *acts)


async def _sources(conn: Connection, payment: PaymentRow, refund: NewRefund, cents: int) -> Sources:
    """Where it goes: cash, the patient's own credits, or a new one."""
    if payment.method == "CREDIT":
        return await spending.put_back(conn, payment.organization_id, payment.id, cents)
    if refund.destination != "CREDIT":
        return [(_account(payment, refund), cents)]
    if payment.patient_id is None:
        raise LookupError("the payment is nobody's")
    new = NewCredit(
        organization_id=payment.organization_id,
        id=uuid7(),
        patient_id=payment.patient_id,
        account_patient_id=payment.patient_id,
        currency=payment.currency,
        is_test=payment.is_test,
        amount_cents=cents,
        created_by_staff_id=refund.staff_id,
        refund_id=refund.id,
    )
    await spending.add_credit(conn, new, "REFUND")
    return [(credit(payment.patient_id), cents)]


def _account(payment: PaymentRow, refund: NewRefund) -> AccountRef:
    return CASH if refund.destination == "CASH" or payment.method == "CASH" else EXTERNAL


async def _save(conn: Connection, actor: Actor, standing: Standing, refund: NewRefund, retry: timedelta) -> None:
    payment, cents = standing.payment, str(refund.amount_cents)
    acts = [
        payment_event(actor, payment, "REFUND_CREATED", target_id=refund.id),
        payment_event(actor, payment, "REFUND_COMPLETED", target_id=refund.id, value_after=cents),
    ]
    if payment.method == "GATEWAY":
        after = await list_standing(conn, payment)
        await save(conn, actor, payment, Taken(standing=after, acts=acts), retry)
        return
    await queries.update_refunded(conn, payment.organization_id, payment.id, refund.amount_cents)
    await events.record(conn, *acts)
