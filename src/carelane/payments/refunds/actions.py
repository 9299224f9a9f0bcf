"""Granting, sending and taking back refunds. Each locks the case's row, then the payment's; the worker moves the money."""

from functools import partial

from msgspec.structs import replace

from carelane import events
from carelane.event_names import EventType
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.money import decimal_string, read_amount
from carelane.kit.phi import DataKey
from carelane.payments.lines.access import keep_parts, lock_parts
from carelane.payments.lines.rows import Part, refuse_sum
from carelane.payments.queries import PaymentRow
from carelane.payments.refunds import queries, states
from carelane.payments.refunds.errors import RefundNotFoundError, RefundStateError
from carelane.payments.refunds.queries import COMMENT, NewRefund, RefundRecord
from carelane.payments.refunds.schemas import RefundIn, RefundOut
from carelane.payments.refunds.views import show_refund
from carelane.payments.schemas import is_number
from carelane.payments.settling.access import lock_standing
from carelane.payments.settling.queries import Standing, list_standing
from carelane.payments.settling.saving import Taken, payment_event, save
from carelane.permissions import PAYMENTS_REFUND, PAYMENTS_SEND, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PAYMENTS_REFUND)
async def grant_refund(
    services: Services, actor: Actor, ref: str, body: RefundIn, request_key: RequestKey | None
) -> RefundOut:
    """Raises PaymentNotFoundError, RefundStateError, InvalidRequestError, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> RefundOut:
        standing = await lock_standing(conn, actor, ref)
        if (why := states.refusal(standing)) is not None:
            raise RefundStateError(why)
        parts = await _parts(conn, actor, standing, body)
        new = _new_refund(actor, data_key, standing, body, sum(part.cents for part in parts))
        await queries.insert_refund(conn, new)
        await keep_parts(conn, actor, new.id, parts)
        await _record(conn, actor, standing.payment, "REFUND_GRANTED", new.id, str(new.amount_cents))
        return show_refund(data_key, actor, await _get(conn, actor, str(new.id)))

    return await run_once(services, actor, request_key, act)


@requires(PAYMENTS_SEND)
async def send_refund(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> RefundOut:
    """Raises RefundNotFoundError, RefundStateError, and what `run_once` raises. What is left is read again."""
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> RefundOut:
        refund, standing = await _lock(conn, actor, ref)
        if (why := states.sending_refusal(standing, refund.amount_cents)) is not None:
            raise RefundStateError(why)
        if not await queries.set_sending(conn, actor.organization_id, refund.id, actor.id):
            raise RefundStateError(f"the refund is {refund.status}; only one that is GRANTED can be sent")
        payment = standing.payment
        standing = await list_standing(conn, payment)
        acts = [payment_event(actor, payment, "REFUND_SENT", target_id=refund.id)]
        await save(conn, actor, payment, Taken(standing=standing, acts=acts), services.settings.payment_retry)
        return show_refund(data_key, actor, await _get(conn, actor, ref))

    return await run_once(services, actor, request_key, act)


@requires(PAYMENTS_REFUND)
async def cancel_refund(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> RefundOut:
    """Takes back what was granted and not sent. Raises RefundNotFoundError, RefundStateError, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> RefundOut:
        refund, standing = await _lock(conn, actor, ref)
        if not await queries.set_canceled(conn, actor.organization_id, refund.id):
            raise RefundStateError(f"the refund is {refund.status}; only one that is GRANTED can be canceled")
        await _record(conn, actor, standing.payment, "REFUND_CANCELED", refund.id)
        return show_refund(data_key, actor, await _get(conn, actor, ref))

    return await run_once(services, actor, request_key, act)


async def _parts(conn: Connection, actor: Actor, standing: Standing, body: RefundIn) -> list[Part]:
    """None where an amount is granted. Raises InvalidRequestError."""
    if body.items is None:
        return []
    said = None if body.amount is None else _amount(body, standing)
    parts = await lock_parts(conn, actor, standing.payment.id, body.items)
    shown = partial(decimal_string, currency=standing.payment.currency)
    refuse_sum(parts, states.most_at_once(standing), said, shown)
    return parts


def _new_refund(actor: Actor, data_key: DataKey, standing: Standing, body: RefundIn, of_items: int) -> NewRefund:
    """Raises InvalidRequestError."""
    payment, refund_id = standing.payment, uuid7()
    return NewRefund(
        organization_id=actor.organization_id,
        id=refund_id,
        payment_id=payment.id,
        amount_cents=of_items or _amount(body, standing),
        currency=payment.currency,
        reason=body.reason,
        comment_sealed=data_key.seal(body.comment.encode(), COMMENT, refund_id) if body.comment else None,
        granted_by_staff_id=actor.id,
    )


def _amount(body: RefundIn, standing: Standing) -> int:
    """Raises InvalidRequestError."""
    most, currency = states.most_at_once(standing), standing.payment.currency
    if body.amount is None:
        return most
    try:
        if isinstance(body.amount, bool) or not is_number(body.amount):
            raise ValueError("expected a number or a text such as 99.99")
        cents = read_amount(body.amount, currency)
    except ValueError as error:
        raise _refused(str(error)) from None
    if not 0 < cents <= most:
        raise _refused(f"expected more than 0 and at most {decimal_string(most, currency)}")
    return cents


def _refused(problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem("amount", problem)])


async def _lock(conn: Connection, actor: Actor, ref: str) -> tuple[RefundRecord, Standing]:
    """The refund as it is once its payment is locked. Raises RefundNotFoundError."""
    found = await _get(conn, actor, ref)
    standing = await lock_standing(conn, actor, str(found.payment_id))
    return await _get(conn, actor, ref), standing


async def _get(conn: Connection, actor: Actor, ref: str) -> RefundRecord:
    refund_id = parse_uuid(ref)
    refund = await queries.find_refund(conn, actor.organization_id, refund_id) if refund_id else None
    if refund is None:
        raise RefundNotFoundError
    return refund


async def _record(
    conn: Connection,
    actor: Actor,
    payment: PaymentRow,
    type: EventType,  # noqa: A002 - as in events.new_event
    refund_id: object,
    value: str | None = None,
) -> None:
    event = payment_event(actor, payment, type, value_after=value)
    await events.record(conn, replace(event, target_id=refund_id))
