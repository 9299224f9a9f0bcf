"""One charge, paid in full or in part: in cash and the like, or from its patient's credit."""

from functools import partial
from typing import Literal

from carelane.charges.money.schemas import PaymentSummaryOut
from carelane.charges.owed.access import Check, require_seen
from carelane.charges.owed.queries import LockedCharge, lock_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, RecordNotFoundError
from carelane.kit.ids import record_id, uuid7
from carelane.payments.mediums.reads import EXTERNAL, lock_medium, method_of
from carelane.payments.spending import actions as spending
from carelane.payments.till import queries
from carelane.payments.till.actions import pay_outside, pay_with_credit, show
from carelane.payments.till.queries import NewPayment, Payable
from carelane.payments.till.rows import allocate, refuse_over
from carelane.payments.till.schemas import PaidChargeIn
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def pay_in_cash(
    services: Services,
    actor: Actor,
    medium: str,
    over_cents: int | None,
    body: PaidChargeIn,
    request_key: RequestKey | None,
    check: Check | None = None,
) -> PaymentSummaryOut:
    """Raises RecordNotFoundError, ConflictError when nothing can be paid, InvalidRequestError, and what `check` and `run_once`
    raise."""
    return await run_once(services, actor, request_key, partial(_in_cash, actor, medium, over_cents, body, check))


@requires(BILLING_WRITE)
async def pay_from_credit(
    services: Services, actor: Actor, body: PaidChargeIn, request_key: RequestKey | None, check: Check | None = None
) -> PaymentSummaryOut:
    """Raises RecordNotFoundError, ConflictError when nothing can be paid or credit is missing, InvalidRequestError, and what
    `check` and `run_once` raise."""
    return await run_once(services, actor, request_key, partial(_from_credit, actor, body, check))


async def require_medium(
    conn: Connection, actor: Actor, medium: str, field: str, where: Literal["body", "query"] = "body"
) -> str:
    """A medium of what is settled outside, as its name is written. Raises InvalidRequestError."""
    name = await lock_medium(conn, actor.organization_id, medium)
    if name is None:
        problem = f"expected one of {', '.join(EXTERNAL)}, or the name of an external medium of the clinic's"
        raise InvalidRequestError(problems=[FieldProblem(field, problem, where)])
    return name


async def _in_cash(
    actor: Actor, medium: str, over_cents: int | None, body: PaidChargeIn, check: Check | None, conn: Connection
) -> PaymentSummaryOut:
    name = await require_medium(conn, actor, medium, "payment_medium", "query")
    charge, payable = await _lock(conn, actor, body, check)
    shares, over = allocate(body.total_outstanding, [charge])
    refuse_over(_too_much(charge), over, over_cents)
    payment = _payment(actor, charge, payable, body.total_outstanding, name)
    await pay_outside(conn, actor, payment, shares)
    return await show(conn, actor.organization_id, payment.id)


async def _from_credit(actor: Actor, body: PaidChargeIn, check: Check | None, conn: Connection) -> PaymentSummaryOut:
    charge, payable = await _lock(conn, actor, body, check)
    shares, over = allocate(body.total_outstanding, [charge])
    if over:
        raise InvalidRequestError(problems=[_too_much(charge)])
    payment = _payment(actor, charge, payable, body.total_outstanding, "PATIENT_CREDIT")
    chosen = await spending.choose(conn, actor.organization_id, payable.patient_id, charge.books, payment.amount_cents)
    await pay_with_credit(conn, actor, payment, shares, chosen)
    return await show(conn, actor.organization_id, payment.id)


async def _lock(
    conn: Connection, actor: Actor, body: PaidChargeIn, check: Check | None
) -> tuple[LockedCharge, Payable]:
    """The charge, of which something is outstanding and for which no card is being charged."""
    organization_id = actor.organization_id
    charge_id = record_id(organization_id, body.id)
    locked = await queries.lock_gateways(conn, organization_id, charge_id)
    charge = await lock_charge(conn, organization_id, charge_id)
    payable = await queries.get_payable(conn, organization_id, charge_id) if charge else None
    if charge is None or payable is None or payable.is_archived:
        raise RecordNotFoundError(f"no charge {body.id} here")
    await require_seen(conn, actor, charge, check)
    if charge.is_voided:
        raise ConflictError("the charge is VOID")
    if payable.case_id is not None:
        raise ConflictError("the charge is that of a case, which is paid by the case's own payment")
    if not charge.outstanding_cents:
        raise ConflictError("nothing of the charge is outstanding")
    # One that was promised while the charge was waited for is not locked, and would be after its charge.
    is_new = not await queries.list_gateways(conn, organization_id, charge_id) <= locked
    if is_new or await queries.find_moving(conn, organization_id, charge_id):
        raise ConflictError("a payment of the charge is being taken at this moment; ask again when it has ended")
    named = await queries.find_living(conn, organization_id, record_id(organization_id, body.patient.id))
    if named != payable.patient_id:
        raise InvalidRequestError(problems=[FieldProblem("patient.id", "expected the charge's patient")])
    return charge, payable


def _payment(actor: Actor, charge: LockedCharge, payable: Payable, amount_cents: int, medium: str) -> NewPayment:
    return NewPayment(
        organization_id=actor.organization_id,
        id=uuid7(),
        patient_id=payable.patient_id,
        method="CREDIT" if medium == "PATIENT_CREDIT" else method_of(medium),
        medium=medium,
        amount_cents=amount_cents,
        currency=charge.currency,
        is_test=charge.is_test,
        location_id=payable.location_id,
    )


def _too_much(charge: LockedCharge) -> FieldProblem:
    return FieldProblem("totalOutstanding", f"expected at most {charge.outstanding_cents}, which is outstanding")
