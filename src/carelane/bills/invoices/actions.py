"""Making an invoice, and sending it again. Only a message is queued; the worker sends it."""

from functools import partial
from uuid import UUID

import msgspec

from carelane import events
from carelane.bills.invoices import queries, views
from carelane.bills.invoices.queries import WORDS, InvoiceCharge, InvoiceRow, NewInvoice
from carelane.bills.invoices.schemas import (
    OVER,
    InvoiceOut,
    ManualInvoiceIn,
    RetryMethodIn,
    invoice_problems,
    retry_problems,
)
from carelane.bills.owed.queries import OwedRow, list_owed
from carelane.bills.proof.actions import renew_link
from carelane.bills.proof.queries import ProofRow, find_proof
from carelane.bills.sending.actions import address_of, require_way
from carelane.bills.sending.queries import count_waiting
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.messages.actions import missing_setting, queue
from carelane.messages.schemas import Channel, Content, NewMessage
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey, run_once

CHANNELS: dict[str, Channel] = {"EMAIL": "MAIL", "SMS": "SMS"}
_WANTED = {"EMAIL": "an e-mail address", "SMS": "a phone number"}


class Asking(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice is made of. `charge_ids`: None is all that is outstanding. `method`: None is whichever reaches the patient."""

    patient_id: UUID
    patient_ref: str
    words: str
    method: str | None
    charge_ids: list[UUID] | None


@requires(BILLING_WRITE)
async def create_invoice(
    services: Services, actor: Actor, body: ManualInvoiceIn, request_key: RequestKey | None
) -> InvoiceOut:
    """Raises RecordNotFoundError, RuleBrokenError (which charge, or how), ConflictError (nothing is owed, or nothing can be sent)."""
    refuse(invoice_problems(body))
    organization_id = actor.organization_id
    asking = Asking(
        patient_id=record_id(organization_id, body.patient_id),
        patient_ref=body.patient_id,
        words=body.message,
        method=body.invoice_method,
        charge_ids=None if body.charges is None else [record_id(organization_id, one.id) for one in body.charges],
    )
    data_key = await services.keyring.data_key(organization_id)
    return await run_once(services, actor, request_key, partial(_create, services.settings, actor, data_key, asking))


@requires(BILLING_WRITE)
async def create_from_charge(
    services: Services, actor: Actor, charge_ref: str, request_key: RequestKey | None
) -> InvoiceOut:
    """By mail where the patient has an address, else by text message. Raises RecordNotFoundError, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    act = partial(_create_from_charge, services.settings, actor, data_key, charge_ref)
    return await run_once(services, actor, request_key, act)


async def _create_from_charge(
    settings: Settings, actor: Actor, data_key: DataKey, charge_ref: str, conn: Connection
) -> InvoiceOut:
    charge_id = record_id(actor.organization_id, charge_ref)
    patient_id = await queries.find_patient_of_charge(conn, actor.organization_id, charge_id)
    if patient_id is None:
        raise RecordNotFoundError(f"no charge {charge_ref} here")
    if not await list_owed(conn, actor.organization_id, patient_id, [charge_id]):
        raise ConflictError("nothing of the charge is outstanding")
    asking = Asking(patient_id=patient_id, patient_ref=str(patient_id), words="", method=None, charge_ids=[charge_id])
    return await _create(settings, actor, data_key, asking, conn)


async def _create(settings: Settings, actor: Actor, data_key: DataKey, asking: Asking, conn: Connection) -> InvoiceOut:
    organization_id = actor.organization_id
    proof = await find_proof(conn, organization_id, asking.patient_id)
    if proof is None:
        raise RecordNotFoundError(f"no patient {asking.patient_ref} here")
    method = _method(settings, proof, asking.method)
    owed = await _owed(conn, actor, proof.patient.id, asking)
    invoice_id, places = uuid7(), {row.location_id for row in owed}
    words = asking.words.strip()
    invoice = NewInvoice(
        organization_id=organization_id,
        id=invoice_id,
        patient_id=proof.patient.id,
        location_id=places.pop() if len(places) == 1 else None,
        method=method,
        amount_cents=sum(row.charge.outstanding_cents for row in owed),
        currency=owed[0].currency,
        is_test=owed[0].is_test,
        message_sealed=Sealed(data_key.seal(words.encode(), WORDS, invoice_id)) if words else None,
    )
    charges = [
        InvoiceCharge(
            organization_id=organization_id,
            invoice_id=invoice_id,
            charge_id=row.charge.id,
            amount_cents=row.charge.outstanding_cents,
        )
        for row in owed
    ]
    await queries.insert_invoice(conn, invoice, charges)
    made = events.new_event(actor, "INVOICE_CREATED", None, target_id=invoice_id, is_test=invoice.is_test)
    await events.record(conn, made)
    return await _queue(conn, actor, data_key, proof, await _get(conn, actor, str(invoice_id)), method, words)


def _method(settings: Settings, proof: ProofRow, wanted: str | None) -> str:
    """Raises RuleBrokenError where the patient cannot be reached as wanted, ConflictError where there is no way at all."""
    if wanted is not None:
        require_way(settings, CHANNELS[wanted])
        if address_of(proof.patient, CHANNELS[wanted]) is None:
            problem = f"expected a method by which the patient can be reached; {_WANTED[wanted]} is not known"
            raise RuleBrokenError(problems=[FieldProblem("invoiceMethod", problem)])
        return wanted
    for method, channel in CHANNELS.items():
        if missing_setting(settings, channel) is None and address_of(proof.patient, channel) is not None:
            require_way(settings, channel)
            return method
    raise ConflictError("no e-mail address or phone number of the patient is known that this server can send to")


async def _owed(conn: Connection, actor: Actor, patient_id: UUID, asking: Asking) -> list[OwedRow]:
    """What the invoice asks for; the charges stay locked. Raises RuleBrokenError, ConflictError."""
    organization_id, named = actor.organization_id, asking.charge_ids
    ids = named if named is not None else [row.charge.id for row in await list_owed(conn, organization_id, patient_id)]
    await queries.lock_charges(conn, organization_id, patient_id, ids)
    owed = await list_owed(conn, organization_id, patient_id, ids)
    found = {row.charge.id for row in owed}
    problem = "expected a charge of which the patient still owes something"
    refuse(FieldProblem(f"charges[{index}].id", problem) for index, one in enumerate(named or ()) if one not in found)
    if not owed:
        raise ConflictError("the patient owes nothing")
    if len({(row.currency, row.is_test) for row in owed}) > 1:
        kinds = "expected charges of one currency, and either all of them tests or none"
        raise RuleBrokenError(problems=[FieldProblem("charges", kinds)])
    return owed


@requires(BILLING_WRITE)
async def send_now(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> InvoiceOut:
    """Again, unless it is on its way already. Raises RecordNotFoundError, ConflictError (it is paid or canceled, or nothing can be sent)."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(
        services, actor, request_key, partial(_again, services.settings, actor, data_key, ref, None, False)
    )


@requires(BILLING_WRITE)
async def retry_send(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> InvoiceOut:
    """What was given up. Raises RecordNotFoundError, ConflictError (it was not)."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(
        services, actor, request_key, partial(_again, services.settings, actor, data_key, ref, None, True)
    )


@requires(BILLING_WRITE)
async def retry_method(
    services: Services, actor: Actor, body: RetryMethodIn, request_key: RequestKey | None
) -> list[InvoiceOut]:
    """By this method. Raises RecordNotFoundError, RuleBrokenError, ConflictError."""
    refuse(retry_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> list[InvoiceOut]:
        return [await _again(services.settings, actor, data_key, body.invoice_set_id, body.method, False, conn)]

    return await run_once(services, actor, request_key, act)


async def _again(
    settings: Settings,
    actor: Actor,
    data_key: DataKey,
    ref: str,
    method: str | None,
    must_have_failed: bool,
    conn: Connection,
) -> InvoiceOut:
    row = await _lock(conn, actor, ref)
    if row.set_status in OVER:
        raise ConflictError(f"the invoice is {row.set_status}; only one of which something is outstanding is sent")
    if must_have_failed and row.status != "FAILED":
        raise ConflictError(f"the invoice is {row.status}; only one that is FAILED is tried again")
    if row.status == "PENDING" and await count_waiting(conn, actor.organization_id, row.id, "INVOICE_LINK"):
        if method is None or method == row.method:
            return views.show_invoice(data_key, row)
        raise ConflictError(f"the invoice is on its way by {row.method}; expected one that is SENT or FAILED")
    proof = await find_proof(conn, actor.organization_id, row.patient.id)
    assert proof is not None, "an invoice has its patient"
    try:
        chosen = _method(settings, proof, method or row.method)
    except RuleBrokenError as error:
        if method is None:
            raise ConflictError(f"the patient cannot be reached by {row.method} any more") from error
        raise RuleBrokenError(problems=[FieldProblem("method", error.problems[0].problem)]) from error
    words = data_key.open(bytes.fromhex(row.message), WORDS, row.id).decode() if row.message else ""
    await queries.set_pending(conn, actor.organization_id, row.id, chosen)
    changed = events.new_event(
        actor,
        "INVOICE_UPDATED",
        None,
        target_id=row.id,
        is_test=row.is_test,
        value_before=row.method,
        value_after=chosen,
    )
    await events.record(conn, changed)
    return await _queue(conn, actor, data_key, proof, row, chosen, words)


async def _queue(
    conn: Connection, actor: Actor, data_key: DataKey, proof: ProofRow, row: InvoiceRow, method: str, words: str
) -> InvoiceOut:
    # Where the old links were closed after too many guesses, this message has a new one.
    await renew_link(conn, actor.organization_id, proof.patient.id)
    channel = CHANNELS[method]
    content = Content(recipient=address_of(proof.patient, channel) or "", text=words)
    message = NewMessage(kind="INVOICE_LINK", channel=channel, record_kind="invoice", record_id=row.id, content=content)
    await queue(conn, actor, data_key, message)
    return views.show_invoice(data_key, await _get(conn, actor, str(row.id)))


async def _get(conn: Connection, actor: Actor, ref: str) -> InvoiceRow:
    row = await queries.find_invoice(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if row is None:
        raise RecordNotFoundError(f"no invoice {ref} here")
    return row


async def _lock(conn: Connection, actor: Actor, ref: str) -> InvoiceRow:
    row = await queries.lock_invoice(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if row is None:
        raise RecordNotFoundError(f"no invoice {ref} here")
    return row
