"""Granting, changing and deleting credit. Each locks the credit, and posts what it gives or takes.

A key needs `billing:write` for them, a member of staff `payments:write` besides.
"""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.event_names import EventType
from carelane.kit.auth import Actor
from carelane.kit.clock import in_utc
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.ledger.actions import post
from carelane.ledger.desk_entries import grant
from carelane.payments.credits import queries
from carelane.payments.credits.access import Check, get_patient, lock_credit, require_money
from carelane.payments.credits.queries import COMMENT
from carelane.payments.credits.schemas import CreditIn, CreditOut, CreditPatch, GoneOut, credit_problems, patch_problems
from carelane.payments.credits.views import show_credit
from carelane.payments.spending import actions as spending
from carelane.payments.spending.queries import CreditRow, NewCredit, set_amount
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.staff.billing.access import active_member
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def create_credit(
    services: Services, actor: Actor, ref: str, body: CreditIn, request_key: RequestKey | None
) -> CreditOut:
    """Raises RecordNotFoundError, ConflictError of an archived patient, InvalidRequestError, and what `run_once` raises."""
    require_money(actor)
    refuse(list(credit_problems(body)))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, ref, body))


@requires(BILLING_WRITE)
async def update_credit(
    services: Services,
    actor: Actor,
    patient_ref: str,
    ref: str,
    body: CreditPatch,
    request_key: RequestKey | None,
) -> CreditOut:
    """Raises RecordNotFoundError, InvalidRequestError when less would be left than was spent, and what `run_once` raises."""
    require_money(actor)
    refuse(list(patch_problems(body)))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_update, actor, data_key, patient_ref, ref, body))


@requires(BILLING_WRITE)
async def delete_credit(
    services: Services,
    actor: Actor,
    patient_ref: str,
    ref: str,
    request_key: RequestKey | None,
    check: Check | None = None,
) -> GoneOut:
    """Raises RecordNotFoundError, ConflictError when any of it was spent, and what `check` and `run_once` raise."""
    require_money(actor)
    return await run_once(services, actor, request_key, partial(_delete, actor, patient_ref, ref, check))


async def _create(actor: Actor, data_key: DataKey, ref: str, body: CreditIn, conn: Connection) -> CreditOut:
    organization_id, credit_id = actor.organization_id, uuid7()
    patient_id = await get_patient(conn, actor, ref, may_be_archived=False)
    await _refuse_other_patient(conn, actor, patient_id, body)
    books = await queries.get_books(conn, organization_id)
    remaining = body.amount if body.amount_remaining is None else body.amount_remaining
    new = NewCredit(
        organization_id=organization_id,
        id=credit_id,
        patient_id=patient_id,
        account_patient_id=patient_id,
        currency=books.currency,
        is_test=bool(books.is_test),
        amount_cents=body.amount,
        spent_cents=body.amount - remaining,
        expires_at=in_utc(body.expiry_date),
        comment_sealed=_sealed(data_key, body.comment, credit_id),
        external_id=body.external_id,
        member_id=body.member_id,
        created_by_staff_id=await active_member(conn, actor, body.creator_id),
    )
    change_id = await spending.add_credit(conn, new, "GRANT")
    if change_id is not None:
        await post(conn, organization_id, grant(change_id, books, patient_id=patient_id, amount_cents=remaining))
    event = events.new_event(
        actor, "CREDIT_GRANTED", None, target_id=credit_id, is_test=new.is_test, value_after=str(remaining)
    )
    await events.record(conn, event)
    return show_credit(data_key, await queries.get_credit(conn, organization_id, credit_id))


async def _refuse_other_patient(conn: Connection, actor: Actor, patient_id: UUID, body: CreditIn) -> None:
    if body.patient_id is None:
        return
    named = await queries.find_patient(conn, actor.organization_id, record_id(actor.organization_id, body.patient_id))
    if named is None or named.id != patient_id:
        raise InvalidRequestError(problems=[FieldProblem("patientId", "expected the patient of the path, or nothing")])


async def _update(
    actor: Actor, data_key: DataKey, patient_ref: str, ref: str, body: CreditPatch, conn: Connection
) -> CreditOut:
    organization_id = actor.organization_id
    credit = await lock_credit(conn, actor, patient_ref, ref)
    spent = await queries.get_net_spent(conn, organization_id, credit.id)
    amount, used = _amounts(credit, body, spent)
    _refuse_more(credit, amount, used)
    sealed = _sealed(data_key, body.comment, credit.id)
    await queries.save_credit(
        conn,
        organization_id,
        credit.id,
        amount_cents=amount,
        spent_cents=used,
        expires_at=in_utc(body.expiry_date),
        comment_sealed=sealed.data if sealed else None,
    )
    more = (amount - used) - credit.left_cents
    if more:
        await _post(conn, actor, credit, "CHANGE", more)
    await events.record(conn, _event(actor, credit, "CREDIT_CHANGED", amount - used))
    return show_credit(data_key, await queries.get_credit(conn, organization_id, credit.id))


def _amounts(credit: CreditRow, body: CreditPatch, spent: int) -> tuple[int, int]:
    """What the whole of it is from now on, and what of it is used. Raises InvalidRequestError."""
    amount = credit.amount_cents if body.amount is None else body.amount
    if amount < credit.spent_cents and body.amount_remaining is None:
        problem = f"expected at least {credit.spent_cents}, which was spent of it"
        raise InvalidRequestError(problems=[FieldProblem("amount", problem)])
    used = credit.spent_cents if body.amount_remaining is None else amount - body.amount_remaining
    if not spent <= used:
        field = "amount" if body.amount_remaining is None or amount < spent else "amountRemaining"
        expected = f"at least {spent}" if field == "amount" else f"at most {amount - spent}"
        raise InvalidRequestError(problems=[FieldProblem(field, f"expected {expected}: {spent} was spent of it")])
    if used > amount:
        raise InvalidRequestError(problems=[FieldProblem("amountRemaining", f"expected at most {amount}")])
    return amount, used


def _refuse_more(credit: CreditRow, amount: int, used: int) -> None:
    """What a payment brought is given back with it, the way that it came: nothing is added to that. Raises InvalidRequestError."""
    if credit.payment_id is None:
        return
    for field, most, is_more in (
        ("amount", credit.amount_cents, amount > credit.amount_cents),
        ("amountRemaining", credit.left_cents, amount - used > credit.left_cents),
    ):
        if is_more:
            problem = f"expected at most {most}, which the payment brought; grant another credit instead"
            raise InvalidRequestError(problems=[FieldProblem(field, problem)])


async def _delete(actor: Actor, patient_ref: str, ref: str, check: Check | None, conn: Connection) -> GoneOut:
    credit = await lock_credit(conn, actor, patient_ref, ref)
    if check is not None:
        check(credit)
    if credit.spent_cents:
        raise ConflictError(
            f"{credit.spent_cents} cents of the credit were spent; only one of which nothing was is deleted"
        )
    if credit.amount_cents:
        await _post(conn, actor, credit, "DELETE", -credit.amount_cents)
    await set_amount(conn, actor.organization_id, credit.id, 0, is_deleted=True)
    await events.record(conn, _event(actor, credit, "CREDIT_DELETED", 0))
    return GoneOut(id=str(credit.id), deleted=True)


async def _post(conn: Connection, actor: Actor, credit: CreditRow, kind: str, cents: int) -> None:
    change_id = await spending.change(conn, actor.organization_id, credit.id, kind, cents)
    entry = grant(change_id, credit.books, patient_id=credit.account_patient_id, amount_cents=cents)
    await post(conn, actor.organization_id, entry)


def _event(actor: Actor, credit: CreditRow, type: EventType, left: int) -> events.Event:  # noqa: A002 - as in new_event
    return events.new_event(
        actor,
        type,
        None,
        target_id=credit.id,
        is_test=credit.is_test,
        value_before=str(credit.left_cents),
        value_after=str(left),
    )


def _sealed(data_key: DataKey, text: str | None, credit_id: UUID) -> Sealed | None:
    return Sealed(data_key.seal(text.encode(), COMMENT, credit_id)) if text is not None else None
