"""Taking a confirmation in: one transaction, the case's row locked first, then its payments', then the charge's."""

from datetime import UTC, datetime, time
from uuid import UUID

from msgspec.structs import replace

from carelane import events
from carelane.charges.case_charge import CasePayment, make_case_charge
from carelane.charges.refresh import lock_charge, refresh_charge
from carelane.event_names import EventType
from carelane.events import Event
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.money import read_amount
from carelane.kit.phi import DataKey
from carelane.ledger.actions import post
from carelane.ledger.reads import credit_of, shares_of
from carelane.ledger.schemas import Books
from carelane.payments.confirmations import queries, states
from carelane.payments.confirmations.errors import ConfirmationKeyUsedError, PaidCaseNotFoundError
from carelane.payments.confirmations.queries import Confirmation, Details, Elsewhere, PaidCase
from carelane.payments.confirmations.rows import Ground, make_entries
from carelane.payments.confirmations.schemas import ConfirmationIn, ConfirmedOut, broken_rules, given
from carelane.payments.decided import ask_about_spared, spare_payments
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(CASES_WRITE)
async def confirm_payment(
    services: Services, actor: Actor, body: ConfirmationIn, request_key: RequestKey | None
) -> ConfirmedOut:
    """Records what a storefront says of a payment that was made elsewhere, and posts it.

    Raises InvalidRequestError, PaidCaseNotFoundError, ConfirmationKeyUsedError, and what `run_once` raises. If it raises, nothing
    is kept.
    """
    refuse(broken_rules(body), InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> ConfirmedOut:
        # Before anything else, so that whoever repeats a confirmation is told that it was taken, whatever it did.
        if body.key is not None and await queries.find_confirmation(conn, actor.organization_id, body.key):
            raise ConfirmationKeyUsedError
        case = await queries.lock_case(conn, actor.organization_id, await _case_id_of(conn, actor, body))
        await record_confirmation(
            services, conn, actor, data_key, case, body, await _details_of(conn, actor, case, body)
        )
        return ConfirmedOut()

    return await run_once(services, actor, request_key, act)


async def record_confirmation(
    services: Services,
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    case: PaidCase,
    body: ConfirmationIn,
    details: Details,
) -> None:
    """The case's row must be locked. Raises InvalidRequestError, ConfirmationKeyUsedError."""
    known = await queries.lock_known(conn, actor.organization_id, case.id)
    try:
        before = states.find_meant(body.status, details, known)
    except ValueError:
        most = states.most_left(known, case.currency)
        text = f"expected at most {most}: what was paid elsewhere, did not go back and is not in dispute"
        raise InvalidRequestError(problems=[FieldProblem("amount", text)]) from None
    after = states.step(before, body.status, details)
    if after.captured_cents and not (before and before.captured_cents):
        after = replace(after, charge_id=case.charge_id)
    await queries.save_payment(conn, actor.organization_id, case, after, details, is_new=before is None)
    if after.captured_cents and after.charge_id is None and case.is_approved:
        after = replace(after, charge_id=await _charge(conn, actor, data_key, case, after, details))
    confirmation_id = await _keep(conn, actor, body, details, after)
    refund_id = await _post(conn, actor, case, before, after, confirmation_id)
    await events.record(conn, *_told(actor, case, before, after, refund_id))
    if after.captured_cents:
        await spare_payments(services, conn, actor, case.id)
    elif before is not None and before.captured_cents and case.is_owed:
        await ask_about_spared(services, conn, actor, case.id, after.charge_id, before.left_cents)


async def _case_id_of(conn: Connection, actor: Actor, body: ConfirmationIn) -> UUID:
    """Raises PaidCaseNotFoundError."""
    submitter = {"mailbox": body.mailbox, "phone": body.phone}
    if not given(body.case_id):
        found = await queries.find_latest_case(conn, actor.organization_id, **submitter)
    else:
        named = parse_uuid((body.case_id or "").strip())
        found = await queries.find_case(conn, actor.organization_id, named, **submitter) if named else None
    if found is None:
        raise PaidCaseNotFoundError
    return found


async def _details_of(conn: Connection, actor: Actor, case: PaidCase, body: ConfirmationIn) -> Details:
    """Raises InvalidRequestError."""
    problems, cents = [], 0
    try:
        cents = read_amount(body.amount, case.currency)
        if not cents:
            problems.append(FieldProblem("amount", "expected more than 0"))
    except ValueError as error:
        problems.append(FieldProblem("amount", str(error)))
    decision_id = parse_uuid((body.decision_id or "").strip())
    if decision_id and not await queries.find_approval(conn, actor.organization_id, case.id, decision_id):
        problems.append(FieldProblem("decisionId", "expected the id of an approval of the case"))
    refuse(problems, InvalidRequestError)
    canceled_at = datetime.combine(body.payment_date, time(), UTC) if body.status == "CANCELED" else None
    return Details(
        amount_cents=cents,
        description=body.description,
        payment_date=body.payment_date,
        valid_until=body.valid_until,
        decision_id=decision_id,
        canceled_at=canceled_at,
    )


async def _keep(conn: Connection, actor: Actor, body: ConfirmationIn, details: Details, payment: Elsewhere) -> UUID:
    """Raises ConfirmationKeyUsedError when somebody was faster with the same key."""
    confirmation = Confirmation(
        organization_id=actor.organization_id,
        id=uuid7(),
        payment_id=payment.id,
        status=body.status,
        amount_cents=details.amount_cents,
        payment_date=body.payment_date,
        idempotency_key=body.key,
    )
    if not await queries.insert_confirmation(conn, confirmation):
        raise ConfirmationKeyUsedError
    return confirmation.id


async def _post(
    conn: Connection, actor: Actor, case: PaidCase, before: Elsewhere | None, after: Elsewhere, confirmation_id: UUID
) -> UUID | None:
    """The refund that it made, if it made one."""
    organization_id, refund_id = actor.organization_id, uuid7()
    charge = await lock_charge(conn, organization_id, after.charge_id) if after.charge_id else None
    sources = await queries.list_sources(conn, organization_id, after.id)
    ground = Ground(
        books=Books(case.currency, case.is_test),
        patient_id=charge.patient_id if charge else case.patient_id,
        charge=charge,
        credit_cents=await credit_of(conn, organization_id, sources),
        shares=await shares_of(conn, organization_id, charge.id) if charge else [],
    )
    made = list(make_entries(before, after, ground, confirmation_id=confirmation_id, refund_id=refund_id))
    back = after.refunded_cents - (before.refunded_cents if before else 0)
    if back:
        await queries.insert_refund(conn, organization_id, refund_id, after.id, back, case.currency)
    await post(conn, organization_id, *made)
    if charge is not None and made:
        await refresh_charge(conn, organization_id, charge.id, actor)
    return refund_id if back else None


async def _charge(
    conn: Connection, actor: Actor, data_key: DataKey, case: PaidCase, payment: Elsewhere, details: Details
) -> UUID:
    """What was approved is owed, and this pays it."""
    row = CasePayment(
        id=payment.id,
        case_id=case.id,
        patient_id=case.patient_id,
        amount_cents=payment.amount_cents,
        currency=case.currency,
        description=details.description,
        is_test=case.is_test,
    )
    return await make_case_charge(conn, actor, data_key, row)


def _told(
    actor: Actor, case: PaidCase, before: Elsewhere | None, after: Elsewhere, refund_id: UUID | None
) -> list[Event]:
    def event(type: EventType, target_id: UUID = after.id, **values: str) -> Event:  # noqa: A002 - as in new_event
        return events.new_event(actor, type, case.id, target_id=target_id, is_test=case.is_test, **values)

    if before is None:
        acts = [event("PAYMENT_ADDED")]
    else:
        acts = [event("PAYMENT_UPDATED", value_before=before.status, value_after=after.status)]
    if after.status == "PAID" and (before is None or before.paid_at is None):
        acts.append(event("PAYMENT_COMPLETED"))
    if refund_id is not None:
        back = str(after.refunded_cents - (before.refunded_cents if before else 0))
        acts += [event("REFUND_CREATED", refund_id), event("REFUND_COMPLETED", refund_id, value_after=back)]
    was_disputed, is_disputed = before is not None and before.disputed_cents > 0, after.disputed_cents > 0
    if is_disputed and not was_disputed:
        acts.append(event("DISPUTE_OPENED", value_after=str(after.disputed_cents)))
    if is_disputed and after.status == "LOST_DISPUTE":
        acts.append(event("DISPUTE_CLOSED", value_after="LOST"))
    if was_disputed and not is_disputed:
        acts.append(event("DISPUTE_CLOSED", value_after="WON"))
    return acts
