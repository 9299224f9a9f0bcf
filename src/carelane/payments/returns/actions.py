"""Giving a payment back. Locked in this order: its case, the payment, its charges by their ids, credits by theirs."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from carelane.charges.money.queries import Returned
from carelane.charges.money.schemas import BillingRefundOut
from carelane.charges.money.views import show_refund
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, refuse
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.payments.lines.access import keep_parts, lock_parts
from carelane.payments.lines.rows import Part, by_charge, refuse_sum
from carelane.payments.refunds import states as granting
from carelane.payments.refunds.queries import COMMENT, find_refund, set_sending
from carelane.payments.returns import queries
from carelane.payments.returns.access import Named, get_named, lock_payment
from carelane.payments.returns.at_desk.actions import give_back
from carelane.payments.returns.queries import NewRefund
from carelane.payments.returns.schemas import RefundPaymentIn, refund_problems
from carelane.payments.returns.states import promised_aside, refuse_amount, refuse_unreturnable
from carelane.payments.settling.queries import Standing, list_standing
from carelane.payments.settling.saving import Taken, payment_event, save
from carelane.permissions import PAYMENTS_REFUND, PAYMENTS_SEND, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

_STORED = {"CASH": "CASH", "PATIENT_CREDIT": "CREDIT"}


@requires(PAYMENTS_REFUND)
async def refund_payment(
    services: Services, actor: Actor, body: RefundPaymentIn, request_key: RequestKey | None
) -> BillingRefundOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError, InvalidRequestError when more is asked for than is left, and what
    `run_once` raises."""
    refuse(refund_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_refund, services, actor, data_key, body))


async def _refund(
    services: Services, actor: Actor, data_key: DataKey, body: RefundPaymentIn, conn: Connection
) -> BillingRefundOut:
    named = await get_named(conn, actor, body)
    standing = await lock_payment(conn, actor, body.payment_id)
    refuse_unreturnable(standing)
    parts = await _parts(conn, actor, standing, body)
    new = partial(_new, data_key, standing, body, named, sum(part.cents for part in parts) or body.amount or 0)
    is_card = standing.payment.method == "GATEWAY"
    if is_card and body.destination in {None, "ORIGINAL"}:
        refund = await _grant(services, actor, conn, standing, new(is_made=False), parts)
    else:
        refund = new(is_made=True)
        await give_back(conn, actor, standing, refund, services.settings.payment_retry, by_charge(parts))
        await keep_parts(conn, actor, refund.id, parts)
    return await _shown(conn, actor, refund)


async def _parts(conn: Connection, actor: Actor, standing: Standing, body: RefundPaymentIn) -> list[Part]:
    """None where an amount is given back."""
    if body.items is None:
        return []
    left_cents = promised_aside(standing)
    if left_cents <= 0:
        refuse_amount(1, left_cents)
    parts = await lock_parts(conn, actor, standing.payment.id, body.items)
    refuse_sum(parts, left_cents, body.amount, str)
    return parts


def _new(
    data_key: DataKey, standing: Standing, body: RefundPaymentIn, named: Named, cents: int, *, is_made: bool
) -> NewRefund:
    refund_id, destination = uuid7(), body.destination or "ORIGINAL"
    text = body.description
    return NewRefund(
        organization_id=standing.payment.organization_id,
        id=refund_id,
        payment_id=standing.payment.id,
        amount_cents=cents,
        currency=standing.payment.currency,
        reason=body.reason,
        comment_sealed=data_key.seal(text.encode(), COMMENT, refund_id) if text else None,
        staff_id=named.provider_id,
        destination=_destination(standing, destination),
        location_id=named.location_id,
        is_made=is_made,
    )


def _destination(standing: Standing, asked: str) -> str | None:
    """What is stored: nothing of one that goes back the way it came."""
    is_the_same = (standing.payment.method, asked) in {("CASH", "CASH"), ("CREDIT", "PATIENT_CREDIT")}
    if standing.payment.method == "CREDIT" and asked == "CASH":
        raise ConflictError("the payment came from credit; it goes back there, and credit is not paid out")
    return None if is_the_same else _STORED.get(asked)


async def _grant(
    services: Services, actor: Actor, conn: Connection, standing: Standing, refund: NewRefund, parts: Sequence[Part]
) -> NewRefund:
    """A card's: granted, and sent too by who may."""
    if (why := granting.refusal(standing)) is not None:
        raise ConflictError(why)
    refuse_amount(refund.amount_cents, granting.most_at_once(standing))
    await queries.insert_refund(conn, refund)
    await keep_parts(conn, actor, refund.id, parts)
    payment = standing.payment
    acts = [payment_event(actor, payment, "REFUND_GRANTED", target_id=refund.id, value_after=str(refund.amount_cents))]
    if actor.may(PAYMENTS_SEND):
        await set_sending(conn, actor.organization_id, refund.id, refund.staff_id)
        acts.append(payment_event(actor, payment, "REFUND_SENT", target_id=refund.id))
    after = await list_standing(conn, payment)
    await save(conn, actor, payment, Taken(standing=after, acts=acts), services.settings.payment_retry)
    return refund


async def _shown(conn: Connection, actor: Actor, refund: NewRefund) -> BillingRefundOut:
    row = await find_refund(conn, actor.organization_id, refund.id)
    if row is None:
        raise LookupError("no such refund")
    returned = Returned(
        id=row.id, amount_cents=row.amount_cents, reason=row.reason, status=row.status, created_at=row.granted_at
    )
    payment_id: UUID = row.payment_id
    return show_refund(payment_id, returned)
