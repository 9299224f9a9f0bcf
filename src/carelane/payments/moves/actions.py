"""Saying otherwise of a payment. Locked in this order: its case, the payment, its charges by their ids, credits by theirs."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.charges.money.schemas import PaymentSummaryOut
from carelane.charges.owed.queries import list_sources
from carelane.charges.refresh import lock_charge, refresh_locked
from carelane.event_names import EventType
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id, uuid7
from carelane.ledger.actions import post
from carelane.ledger.desk_entries import archive, other_medium
from carelane.ledger.entries import CASH, EXTERNAL
from carelane.ledger.reads import credit_of
from carelane.ledger.schemas import AccountRef, Books
from carelane.locations.queries import list_known
from carelane.payments.credits.access import get_patient
from carelane.payments.mediums.reads import method_of
from carelane.payments.moves import queries
from carelane.payments.moves.schemas import MovePaymentIn, MoveToLocationIn, UpdateMediumIn
from carelane.payments.queries import PaymentRow, lock_payment
from carelane.payments.shares.queries import list_charges_of_payment, list_shares
from carelane.payments.shares.rows import take
from carelane.payments.spending import actions as spending
from carelane.payments.spending.queries import lock_of_payment
from carelane.payments.till.actions import show
from carelane.payments.till.paying.actions import require_medium
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def archive_payment(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> bool:
    """Raises RecordNotFoundError, ConflictError when it cannot be taken back, and what `run_once` raises."""
    return await run_once(services, actor, request_key, partial(_archive, actor, ref))


@requires(BILLING_WRITE)
async def move_payment(
    services: Services, actor: Actor, body: MovePaymentIn, request_key: RequestKey | None
) -> PaymentSummaryOut:
    """Raises RecordNotFoundError, ConflictError when it is tied to its patient, and what `run_once` raises."""
    return await run_once(services, actor, request_key, partial(_move, actor, body))


@requires(BILLING_WRITE)
async def move_to_location(
    services: Services, actor: Actor, body: MoveToLocationIn, request_key: RequestKey | None
) -> PaymentSummaryOut:
    """Raises RecordNotFoundError, and what `run_once` raises."""
    return await run_once(services, actor, request_key, partial(_to_location, actor, body))


@requires(BILLING_WRITE)
async def update_medium(
    services: Services, actor: Actor, body: UpdateMediumIn, request_key: RequestKey | None
) -> PaymentSummaryOut:
    """Raises RecordNotFoundError, ConflictError of a card's and of credit, InvalidRequestError, and what `run_once` raises."""
    return await run_once(services, actor, request_key, partial(_other_medium, actor, body))


async def _archive(actor: Actor, ref: str, conn: Connection) -> bool:
    payment = await _lock(conn, actor, ref)
    if payment.method not in {"CASH", "EXTERNAL", "CREDIT"} or payment.case_id is not None:
        raise ConflictError(
            "only payments that were settled outside and those from credit are archived; refund it instead"
        )
    more = await queries.get_more(conn, actor.organization_id, payment.id)
    if more.has_refunds:
        raise ConflictError("a part of the payment went back; what is left of it is refunded, not archived")
    await _post_archived(conn, actor, payment)
    await queries.set_archived(conn, actor.organization_id, payment.id)
    await queries.insert_change(conn, actor.organization_id, uuid7(), payment.id, "ARCHIVED")
    await events.record(conn, _event(actor, payment, "PAYMENT_ARCHIVED"))
    return True


async def _post_archived(conn: Connection, actor: Actor, payment: PaymentRow) -> None:
    """Its charges are owed again, and what it was paid from is where it was."""
    organization_id = actor.organization_id
    shares = await list_shares(conn, organization_id, payment.id)
    charges = [await lock_charge(conn, organization_id, share.charge_id) for share in shares]
    whole = sum(share.amount_cents for share in shares)
    if payment.method == "CREDIT":
        sources = await spending.put_back(conn, organization_id, payment.id, whole)
    else:
        sources = [(_account(payment), whole)]
        await _take_over_back(conn, payment, payment.amount_cents - whole)
    for share, charge in zip(shares, charges, strict=True):
        taken, sources = take(sources, share.amount_cents)
        entry = archive(share.id, charge.books, patient_id=charge.patient_id, sources=taken, charge_id=charge.id)
        await post(conn, organization_id, entry)
        await refresh_locked(conn, charge, actor)


async def _take_over_back(conn: Connection, payment: PaymentRow, over_cents: int) -> None:
    """What was paid over the charges is no credit any more. Raises ConflictError when some of it was spent."""
    if not over_cents:
        return
    brought = await lock_of_payment(conn, payment.organization_id, payment.id)
    if sum(one.left_cents for one in brought) < over_cents:
        raise ConflictError(
            "some of the credit that the payment brought was spent or taken back; refund what is left instead"
        )
    books = Books(payment.currency, payment.is_test)
    for account, cents in await spending.reduce_of_payment(conn, payment.organization_id, brought, over_cents):
        assert account.owner_id is not None
        entry = archive(payment.id, books, patient_id=account.owner_id, sources=[(_account(payment), cents)])
        await post(conn, payment.organization_id, entry)


async def _move(actor: Actor, body: MovePaymentIn, conn: Connection) -> PaymentSummaryOut:
    organization_id = actor.organization_id
    payment = await _lock(conn, actor, body.payment_id)
    patient_id = await get_patient(conn, actor, body.new_patient_id, may_be_archived=False)
    charge_ids = await list_charges_of_payment(conn, organization_id, payment.id)
    for charge_id in charge_ids:
        await lock_charge(conn, organization_id, charge_id)
    await _refuse_tied(conn, payment, charge_ids)
    if patient_id != payment.patient_id:
        await queries.set_patient(conn, organization_id, payment.id, charge_ids, patient_id)
        await _note(conn, actor, payment, "PATIENT", payment.patient_id, patient_id)
    return await show(conn, organization_id, payment.id)


async def _refuse_tied(conn: Connection, payment: PaymentRow, charge_ids: list[UUID]) -> None:
    """Raises ConflictError."""
    if payment.stage != "DONE":
        raise ConflictError("the payment is under way; it is moved when it has come to its end")
    if payment.method == "CREDIT" or await lock_of_payment(conn, payment.organization_id, payment.id):
        raise ConflictError("the payment is tied to its patient's credit; archive it, and pay for the other patient")
    sources = await list_sources(conn, payment.organization_id, payment.id)
    if await credit_of(conn, payment.organization_id, sources):
        raise ConflictError("a part of the payment is its patient's credit; refund that part first")
    tied = await queries.get_tied(conn, payment.organization_id, payment.id, charge_ids)
    if payment.case_id is not None or tied.has_case:
        raise ConflictError("the payment is one of a case, and belongs to the case's patient")
    if tied.has_others:
        raise ConflictError("another payment is for the same charge; archive or refund that first")
    if tied.has_plan:
        raise ConflictError(
            "a payment plan takes the rest of the charge from its patient's card; cancel the plan first"
        )


async def _to_location(actor: Actor, body: MoveToLocationIn, conn: Connection) -> PaymentSummaryOut:
    organization_id = actor.organization_id
    payment = await _lock(conn, actor, body.payment_id)
    location_id = record_id(organization_id, body.new_location_id)
    if not await list_known(conn, organization_id, [location_id]):
        raise RecordNotFoundError(f"no location {body.new_location_id} here")
    charge_ids = await list_charges_of_payment(conn, organization_id, payment.id)
    for charge_id in charge_ids:
        await lock_charge(conn, organization_id, charge_id)
    more = await queries.get_more(conn, organization_id, payment.id)
    await queries.set_location(conn, organization_id, payment.id, charge_ids, location_id)
    await _note(conn, actor, payment, "LOCATION", more.location_id, location_id)
    return await show(conn, organization_id, payment.id)


async def _other_medium(actor: Actor, body: UpdateMediumIn, conn: Connection) -> PaymentSummaryOut:
    organization_id = actor.organization_id
    medium = await require_medium(conn, actor, body.new_payment_medium, "newPaymentMedium")
    payment = await _lock(conn, actor, body.payment_id)
    if payment.method not in {"CASH", "EXTERNAL"} or payment.case_id is not None:
        raise ConflictError("only what was settled outside can have come another way")
    more = await queries.get_more(conn, organization_id, payment.id)
    method = method_of(medium)
    change_id = await _note(conn, actor, payment, "MEDIUM", more.medium, medium)
    entry = other_medium(
        change_id,
        Books(payment.currency, payment.is_test),
        before=_account(payment),
        after=CASH if method == "CASH" else EXTERNAL,
        amount_cents=await _kept(conn, payment),
    )
    await post(conn, organization_id, entry)
    await queries.set_medium(conn, organization_id, payment.id, medium, method)
    return await show(conn, organization_id, payment.id)


async def _kept(conn: Connection, payment: PaymentRow) -> int:
    """What of it lies in the drawer or wherever it is said to be: what became credit is still there."""
    return payment.captured_cents - await queries.get_gone(conn, payment.organization_id, payment.id)


async def _lock(conn: Connection, actor: Actor, ref: str) -> PaymentRow:
    """Raises RecordNotFoundError, also when it is archived."""
    payment = await lock_payment(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if payment is None:
        raise RecordNotFoundError(f"no payment {ref} here")
    return payment


async def _note(conn: Connection, actor: Actor, payment: PaymentRow, kind: str, before: object, after: object) -> UUID:
    change_id = uuid7()
    await queries.insert_change(conn, actor.organization_id, change_id, payment.id, kind, before, after)
    await events.record(conn, _event(actor, payment, "PAYMENT_MOVED", before, after))
    return change_id


def _event(
    actor: Actor,
    payment: PaymentRow,
    type: EventType,  # noqa: A002 - as in events.new_event
    before: object = None,
    after: object = None,
) -> events.Event:
    return events.new_event(
        actor,
        type,
        payment.case_id,
        target_id=payment.id,
        is_test=payment.is_test,
        value_before=str(before) if before is not None else None,
        value_after=str(after) if after is not None else None,
    )


def _account(payment: PaymentRow) -> AccountRef:
    return CASH if payment.method == "CASH" else EXTERNAL
