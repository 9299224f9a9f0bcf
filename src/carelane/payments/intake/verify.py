"""The worker's part: what could not be asked while the gateway was away is asked now, and what turns out wrong is somebody's."""

from datetime import timedelta
from uuid import UUID

import msgspec
import structlog

from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.claims import retry_seconds
from carelane.kit.db import Connection
from carelane.kit.errors import RuleBrokenError
from carelane.kit.phi import Phi
from carelane.payments.accounts.access import open_account
from carelane.payments.customers.queries import find_customer_id
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.gateways.protocol import Dispute, Intent, Refund
from carelane.payments.intake import queries
from carelane.payments.intake.check import accept, fetch
from carelane.payments.intake.faults import Fault, faults_of
from carelane.payments.intake.queries import MoneyParts
from carelane.payments.intake.rows import customers_of, policy_of
from carelane.payments.intake.schemas import Checked, Question
from carelane.payments.queries import PaymentRow, find_payment, lock_payment, save_payment
from carelane.payments.schemas import ProviderReferenceIn, ReferenceType
from carelane.payments.settling.intents import take_intent
from carelane.payments.settling.queries import Standing, list_standing
from carelane.payments.settling.saving import Taken, save
from carelane.payments.settling.settle import apply, list_gone
from carelane.services import Services

# Between two tries, at most.
MOST_WAIT_SECONDS = 900.0

log = structlog.get_logger()


class Wrong(Phi, msgspec.Struct, frozen=True, kw_only=True):
    fault: Fault
    intent: Intent | None = None
    # What has left of its money already.
    gone: list[Refund | Dispute] = []


async def verify_later(services: Services, organization_id: UUID, payment_id: UUID) -> None:
    """Asks the gateway about a payment that is UNCHECKED, and writes down what it says. While it is away, that is put off.

    Called outside any transaction. Raises UnavailableError.
    """
    actor = system_actor(organization_id)
    async with services.db.reading(organization_id) as conn:
        payment = await find_payment(conn, organization_id, payment_id)
    if payment is None or payment.stage != "UNCHECKED":
        return None
    try:
        verdict = await _verdict(services, payment)
    except (GatewayError, TimeoutError) as error:
        log.warning("payment_still_unchecked", payment_id=str(payment.id), error=type(error).__name__)
        return await _put_off(services, actor, payment.id)
    async with services.db.transaction(actor) as conn:
        before = await lock_payment(conn, actor.organization_id, payment.id)
        if before is None or before.stage != "UNCHECKED":
            return None
        taken = await _taken(conn, actor, before, verdict)
        after = await save(conn, actor, before, taken, services.settings.payment_retry)
        for one in verdict.gone if isinstance(verdict, Wrong) else []:
            taken = await apply(conn, actor, await list_standing(conn, after), one)
            if taken.standing is not None:
                after = await save(conn, actor, after, taken, services.settings.payment_retry)
    return None


async def _verdict(services: Services, payment: PaymentRow) -> Checked | Wrong:
    """Raises GatewayError."""
    assert payment.gateway_account_id is not None
    question, customer_id, is_used = await _question(services, payment)
    if is_used:
        return Wrong(fault=Fault("expected a reference that pays one case alone", "STAFF", "REFERENCE_USED"))
    gateway = await open_account(services, payment.organization_id, payment.gateway_account_id)
    found = await fetch(gateway, question)
    faults = faults_of(found, question)
    if faults or found is None:
        # What a person here must look at comes first: another card would not mend it.
        fault = min(faults, key=lambda one: one.mender != "STAFF")
        if not isinstance(found, Intent):
            return Wrong(fault=fault)
        # Nobody tells of it again: the gateway's own word came before there was a payment here.
        gone = await list_gone(gateway, found.id, refunds=found.refunded_cents > 0, disputes=found.is_disputed)
        return Wrong(fault=fault, intent=found, gone=gone)
    try:
        return await accept(gateway, payment.gateway_account_id, question, found, customer_id)
    except RuleBrokenError as refused:
        return Wrong(fault=Fault(refused.detail, "PATIENT"))


async def _question(services: Services, payment: PaymentRow) -> tuple[Question, str | None, bool]:
    """With whom the gateway knows the patient as, and whether another payment has the reference."""
    assert payment.gateway_account_id is not None
    assert payment.patient_id is not None
    organization_id, account_id = payment.organization_id, payment.gateway_account_id
    async with services.db.transaction(system_actor(organization_id)) as conn:
        used = await queries.query_reference_used(
            conn, organization_id, account_id, payment.reference_id or "", payment.id
        )
        customer_id = await find_customer_id(conn, organization_id, account_id, payment.patient_id)
        email = await queries.get_email(conn, organization_id, payment.patient_id)
        is_used = (await used.fetchall())[0][0]
    kind: ReferenceType = "PAYMENT_INTENT" if payment.reference_type == "PAYMENT_INTENT" else "SETUP_INTENT"
    question = Question(
        is_test=payment.is_test,
        reference=ProviderReferenceIn(type=kind, id=payment.reference_id or ""),
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        patient_id=payment.patient_id,
        email=email,
    )
    return question, customer_id, is_used


async def _taken(conn: Connection, actor: Actor, before: PaymentRow, verdict: Checked | Wrong) -> Taken:
    if isinstance(verdict, Wrong):
        return await _left(conn, actor, before, verdict)
    checked = msgspec.structs.replace(
        before,
        stage="WAITING",
        policy=policy_of(verdict.intent, "hold" if before.policy == "hold" else "charge_on_approval"),
        customer_id=verdict.customer_id,
        method_id=verdict.method_id,
        failure=None,
    )
    standing: Standing = await list_standing(conn, checked)
    if verdict.intent is not None:
        return await take_intent(conn, actor, standing, verdict.intent, None)
    assert before.patient_id is not None
    await queries.insert_parts(
        conn, MoneyParts(customers=customers_of(before.organization_id, before.patient_id, verdict))
    )
    return Taken(standing=standing)


async def _left(conn: Connection, actor: Actor, before: PaymentRow, wrong: Wrong) -> Taken:
    """Money that an intent of this payment has taken all the same is in the books, whoever decides what becomes of it."""
    is_staffs = wrong.fault.mender == "STAFF"
    left = msgspec.structs.replace(
        before, stage="NEEDS_STAFF" if is_staffs else "NEEDS_CARD", failure=wrong.fault.failure
    )
    standing = await list_standing(conn, left)
    if wrong.intent is not None and is_staffs and wrong.fault.failure != "REFERENCE_USED":
        return await take_intent(conn, actor, standing, wrong.intent, None)
    return Taken(standing=standing)


async def _put_off(services: Services, actor: Actor, payment_id: UUID) -> None:
    """As long again as it has waited, within bounds."""
    async with services.db.transaction(actor) as conn:
        payment = await lock_payment(conn, actor.organization_id, payment_id)
        if payment is not None and payment.stage == "UNCHECKED":
            waited = (clock.now() - payment.created_at).total_seconds()
            seconds = retry_seconds(
                1, max(services.settings.payment_retry_seconds, min(waited, MOST_WAIT_SECONDS)), MOST_WAIT_SECONDS
            )
            await save_payment(
                conn, msgspec.structs.replace(payment, next_step_at=clock.now() + timedelta(seconds=seconds))
            )
