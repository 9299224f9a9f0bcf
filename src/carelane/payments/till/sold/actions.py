"""Selling, and taking the money for it in the same transaction."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from carelane.charges.actions import NewCharge
from carelane.charges.money.schemas import PaymentSummaryOut
from carelane.charges.owed.queries import LockedCharge
from carelane.charges.refresh import lock_charge
from carelane.charges.selling.actions import by_path, run_sale, sell
from carelane.charges.selling.schemas import ChargeIn, charges_problems
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.payments.mediums.reads import method_of
from carelane.payments.spending import actions as spending
from carelane.payments.till import queries
from carelane.payments.till.actions import pay_outside, pay_with_credit, show
from carelane.payments.till.paying.actions import require_medium
from carelane.payments.till.queries import NewPayment
from carelane.payments.till.rows import allocate, refuse_over
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey


@requires(BILLING_WRITE)
async def sell_for_cash(
    services: Services,
    actor: Actor,
    bodies: Sequence[ChargeIn],
    request_key: RequestKey | None,
    *,
    medium: str,
    amount_cents: int,
    over_cents: int | None,
    patient_ref: str | None,
) -> PaymentSummaryOut:
    """Raises what `sell` and `run_sale` raise, and InvalidRequestError."""
    refuse([*charges_problems(bodies), *_patient_problems(bodies)])
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> PaymentSummaryOut:
        name = await require_medium(conn, actor, medium, "payment_medium", "query")
        sold = await sell(conn, actor, data_key, by_path(bodies))
        await _refuse_other_patient(conn, actor, sold, patient_ref)
        charges = await _locked(conn, actor, sold)
        shares, over = allocate(amount_cents, charges)
        refuse_over(_too_much(charges), over, over_cents)
        payment = _payment(actor, sold, charges, amount_cents, name)
        await pay_outside(conn, actor, payment, shares)
        return await show(conn, actor.organization_id, payment.id)

    return await run_sale(services, actor, request_key, act)


@requires(BILLING_WRITE)
async def sell_for_credit(
    services: Services,
    actor: Actor,
    bodies: Sequence[ChargeIn],
    request_key: RequestKey | None,
    *,
    amount_cents: int,
    credit_refs: Sequence[str] | None,
) -> PaymentSummaryOut:
    """Raises what `sell` and `run_sale` raise, ConflictError when credit is missing, and InvalidRequestError."""
    refuse([*charges_problems(bodies), *_patient_problems(bodies)])
    data_key = await services.keyring.data_key(actor.organization_id)
    act = partial(_for_credit, actor, data_key, bodies, amount_cents, credit_refs)
    return await run_sale(services, actor, request_key, act)


async def _for_credit(
    actor: Actor,
    data_key: DataKey,
    bodies: Sequence[ChargeIn],
    amount_cents: int,
    credit_refs: Sequence[str] | None,
    conn: Connection,
) -> PaymentSummaryOut:
    sold = await sell(conn, actor, data_key, by_path(bodies))
    charges = await _locked(conn, actor, sold)
    shares, over = allocate(amount_cents, charges)
    if over:
        raise InvalidRequestError(problems=[_too_much(charges)])
    payment = _payment(actor, sold, charges, amount_cents, "PATIENT_CREDIT")
    refs = {record_id(actor.organization_id, ref): ref for ref in credit_refs} if credit_refs is not None else None
    try:
        chosen = await spending.choose(
            conn,
            actor.organization_id,
            payment.patient_id,
            charges[0].books,
            amount_cents,
            list(refs) if refs else None,
        )
    except KeyError as error:
        (credit_id,) = error.args
        problem = f"expected credits of the patient that can be spent; {(refs or {})[credit_id]} is none"
        raise InvalidRequestError(problems=[FieldProblem("credit_ids", problem, "query")]) from None
    await pay_with_credit(conn, actor, payment, shares, chosen)
    return await show(conn, actor.organization_id, payment.id)


def _patient_problems(bodies: Sequence[ChargeIn]) -> list[FieldProblem]:
    """A payment is one patient's, and for something."""
    if not bodies:
        return [FieldProblem("body", "expected one charge at least")]
    return [
        FieldProblem(f"[{n}].patientId", "expected the patient of the first: a payment is one patient's")
        for n, body in enumerate(bodies)
        if body.patient_id != bodies[0].patient_id
    ]


async def _refuse_other_patient(
    conn: Connection, actor: Actor, sold: Sequence[NewCharge], patient_ref: str | None
) -> None:
    if patient_ref is None:
        return
    named = await queries.find_living(conn, actor.organization_id, record_id(actor.organization_id, patient_ref))
    if named is None:
        raise RecordNotFoundError(f"no patient {patient_ref} here")
    if named != sold[0].patient_id:
        problem = "expected the patient of the charges: what is paid over them is that patient's credit"
        raise InvalidRequestError(problems=[FieldProblem("patient_id", problem, "query")])


async def _locked(conn: Connection, actor: Actor, sold: Sequence[NewCharge]) -> list[LockedCharge]:
    """In the order in which they were sold."""
    locked: dict[UUID, LockedCharge] = {}
    for charge_id in sorted(one.id for one in sold):
        locked[charge_id] = await lock_charge(conn, actor.organization_id, charge_id)
    charges = [locked[one.id] for one in sold]
    if not any(charge.outstanding_cents for charge in charges):
        raise ConflictError("the charges come to nothing; mark-no-charge makes such")
    return charges


def _payment(
    actor: Actor, sold: Sequence[NewCharge], charges: Sequence[LockedCharge], amount_cents: int, medium: str
) -> NewPayment:
    return NewPayment(
        organization_id=actor.organization_id,
        id=uuid7(),
        patient_id=sold[0].patient_id,
        method="CREDIT" if medium == "PATIENT_CREDIT" else method_of(medium),
        medium=medium,
        amount_cents=amount_cents,
        currency=charges[0].currency,
        is_test=charges[0].is_test,
        location_id=sold[0].location_id,
        created_by_staff_id=sold[0].creator_id,
    )


def _too_much(charges: Sequence[LockedCharge]) -> FieldProblem:
    whole = sum(charge.outstanding_cents for charge in charges)
    return FieldProblem("amount", f"expected at most {whole}, what the charges come to", "query")
