"""What becomes of a case's payments when somebody decides on the case, closes it or opens it again.

Called in the transaction of that act, which has locked the case's row; so an approval and a cancellation come one after the other.
No gateway is called: the worker does what the payment then wants. What is kept as a reference only stays as it is.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec.structs import replace

from carelane.charges.case_charge import CasePayment, make_case_charge
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.payments.queries import PaymentRow, list_ended_by_staff, lock_case_payments
from carelane.payments.settling.queries import list_standing, save_refund
from carelane.payments.settling.saving import Taken, save
from carelane.payments.states import LASTING, Stage, decline_of
from carelane.services import Services

# What a person was asked about, and is still when the case is over: the rest was how to take the money.
_STILL_ASKED = LASTING | {"REFUND_FAILED"}


async def take_payments(
    services: Services,
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    case_id: UUID,
    decision_id: UUID | None = None,
) -> None:
    """The case is approved: from now on its amount is owed, and the worker takes what was not taken before, nor paid elsewhere."""
    payments = await lock_case_payments(conn, actor.organization_id, case_id)
    for paid in _paid_elsewhere(payments):
        await _charged(conn, actor, data_key, paid)
    spared = _spared(payments)
    for payment in _gateways(payments):
        if payment.id in spared:
            if payment.wanted != "RETURN":
                await _save(services, conn, actor, payment, _returned(payment, payments))
            continue
        again = _asked_if_gone(await _again(conn, payment))
        wanted = replace(again, wanted="TAKE", decided_at=clock.now(), decision_id=decision_id)
        await _save(services, conn, actor, payment, await _charged(conn, actor, data_key, wanted))


async def spare_payments(services: Services, conn: Connection, actor: Actor, case_id: UUID) -> None:
    """The case was paid elsewhere: what a gateway was to take for it is not taken, so that nobody pays twice."""
    payments = await lock_case_payments(conn, actor.organization_id, case_id)
    spared = _spared(payments)
    for payment in _gateways(payments):
        if payment.id in spared and payment.wanted != "RETURN":
            await _save(services, conn, actor, payment, _returned(payment, payments))


async def ask_about_spared(
    services: Services, conn: Connection, actor: Actor, case_id: UUID, charge_id: UUID | None, cents: int
) -> None:
    """So much of an approved case was paid elsewhere, and is not after all: it is owed again, by `charge_id`.

    Whoever had paid elsewhere does not expect that the card is charged now, so a person says what becomes of what was spared.
    """
    payments = await lock_case_payments(conn, actor.organization_id, case_id)
    spared = _spared(payments, cents) - _spared(payments)
    for payment in _gateways(payments):
        if payment.id in spared and payment.wanted == "RETURN":
            asked = replace(await _again(conn, payment), stage="NEEDS_STAFF", failure="ELSEWHERE_CANCELED")
            owed = replace(asked, wanted="TAKE", decided_at=clock.now(), charge_id=charge_id)
            await _save(services, conn, actor, payment, owed)


async def return_payments(
    services: Services, conn: Connection, actor: Actor, case_id: UUID, *, is_paid_kept: bool = False
) -> None:
    """The case is rejected, or closed: holds are released, and what was taken goes back, unless what is paid is kept."""
    for payment in await _moving(conn, actor, case_id):
        if is_paid_kept and payment.captured_cents >= payment.amount_cents:
            continue
        again = replace(payment, wanted="RETURN", decided_at=clock.now())
        if payment.stage == "NEEDS_STAFF" and payment.failure not in _STILL_ASKED:
            again = replace(again, stage="RELEASING", failure=None)
        await _save(services, conn, actor, payment, again)


async def resume_payments(
    services: Services, conn: Connection, actor: Actor, data_key: DataKey, case_id: UUID, status: str
) -> None:
    """The case, in this state, is no longer closed: its payments stand where they stood, as far as the money is not gone back.

    What a person ended before, or was paid elsewhere, stays ended: nobody expects that the card is charged for it now.
    """
    if status == "REJECTED":
        return
    payments, decided_at = await lock_case_payments(conn, actor.organization_id, case_id), clock.now()
    ended = _spared(payments) | await list_ended_by_staff(conn, actor.organization_id, case_id)
    is_approved = status == "APPROVED"
    for payment in _gateways(payments):
        if payment.wanted != "RETURN" or payment.id in ended:
            continue
        again = replace(await _again(conn, payment), wanted=None, decided_at=None)
        if is_approved:
            again = await _charged(conn, actor, data_key, replace(again, wanted="TAKE", decided_at=decided_at))
        await _save(services, conn, actor, payment, again)


async def _again(conn: Connection, payment: PaymentRow) -> PaymentRow:
    """What was to go back and is wanted after all: from its beginning, unless money has gone back already."""
    if payment.wanted != "RETURN":
        return payment
    await _keep_refunds(conn, payment)
    stage: Stage = "UNCHECKED" if payment.stage == "UNCHECKED" else "WAITING"
    again = replace(
        payment,
        canceled_at=None,
        stage=stage,
        failure=None,
        decline_code=_lasting_decline(payment.decline_code),
    )
    return replace(again, stage="NEEDS_STAFF", failure="REFUNDED") if payment.refunded_cents else again


def _asked_if_gone(payment: PaymentRow) -> PaymentRow:
    """What was taken and given back before the decision is neither paid nor owed: a person says which it should be."""
    is_gone = payment.captured_cents > 0 and payment.refunded_cents >= payment.captured_cents
    is_new = is_gone and payment.wanted is None
    return replace(payment, stage="NEEDS_STAFF", failure="REFUNDED") if is_new else payment


async def _keep_refunds(conn: Connection, payment: PaymentRow) -> None:
    """What a decision was to give back, and nobody has begun to send, is kept."""
    standing = await list_standing(conn, payment)
    begun = {attempt.refund_id for attempt in standing.attempts}
    for refund in standing.refunds:
        if refund.status == "SENDING" and refund.granted_by_staff_id is None and refund.id not in begun:
            await save_refund(conn, replace(refund, status="CANCELED", settled_at=clock.now()))


def _lasting_decline(code: str | None) -> str | None:
    """The intent that the patient was to confirm was canceled: the card is charged anew."""
    return None if code is not None and decline_of(code) == "PATIENT" else code


async def _moving(conn: Connection, actor: Actor, case_id: UUID) -> list[PaymentRow]:
    return _gateways(await lock_case_payments(conn, actor.organization_id, case_id))


def _gateways(payments: Iterable[PaymentRow]) -> list[PaymentRow]:
    return [one for one in payments if one.method == "GATEWAY" and one.stage != "UNVERIFIED"]


def _paid_elsewhere(payments: Iterable[PaymentRow]) -> list[PaymentRow]:
    return [one for one in payments if one.method in {"EXTERNAL", "CASH"} and one.status == "PAID"]


def _returned(payment: PaymentRow, payments: Iterable[PaymentRow]) -> PaymentRow:
    """Whatever stopped it does not matter any more. A charge that was paid elsewhere is that payment's, and stays."""
    is_others = any(one.charge_id == payment.charge_id for one in _paid_elsewhere(payments))
    charge_id = None if is_others else payment.charge_id
    # What the gateway was not asked about yet may hold money: it is verified first, and goes back then.
    stage: Stage = "UNCHECKED" if payment.stage == "UNCHECKED" else "RELEASING"
    return replace(payment, wanted="RETURN", decided_at=clock.now(), stage=stage, failure=None, charge_id=charge_id)


def _spared(payments: Sequence[PaymentRow], more_cents: int = 0) -> set[UUID]:
    """Those that have taken nothing and that what was paid elsewhere, and so much more, covers, one after the other: those that
    stand still first."""
    left = more_cents + sum(one.captured_cents - one.refunded_cents for one in _paid_elsewhere(payments))
    spared = set()
    for payment in sorted(_gateways(payments), key=lambda one: not one.stage.startswith("NEEDS_")):
        if payment.amount_cents and not payment.captured_cents and payment.amount_cents <= left:
            left -= payment.amount_cents
            spared.add(payment.id)
    return spared


async def _charged(conn: Connection, actor: Actor, data_key: DataKey, payment: PaymentRow) -> PaymentRow:
    """Nobody owes nothing, nor what went back before."""
    if not payment.amount_cents or payment.charge_id is not None or payment.failure == "REFUNDED":
        return payment
    assert payment.case_id is not None
    assert payment.patient_id is not None
    owed = CasePayment(
        id=payment.id,
        case_id=payment.case_id,
        patient_id=payment.patient_id,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        description=payment.description,
        is_test=payment.is_test,
    )
    return replace(payment, charge_id=await make_case_charge(conn, actor, data_key, owed))


async def _save(services: Services, conn: Connection, actor: Actor, before: PaymentRow, after: PaymentRow) -> None:
    standing = replace(await list_standing(conn, before), payment=after)
    await save(conn, actor, before, Taken(standing=standing), services.settings.payment_retry)
