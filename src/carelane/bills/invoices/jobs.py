"""What the worker does about messages with invoices: writes one as it leaves, and writes down what came of it."""

from uuid import UUID

from carelane import events
from carelane.bills.invoices import queries
from carelane.bills.invoices.queries import InvoiceRow
from carelane.bills.invoices.schemas import OVER
from carelane.bills.proof.access import bill_link, url_of
from carelane.bills.proof.queries import find_proof
from carelane.bills.sending.actions import address_of
from carelane.bills.sending.views import bill_text, values_of
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.languages import speaking
from carelane.messages.errors import SendError
from carelane.messages.jobs import Hooks
from carelane.messages.queries import MessageRow
from carelane.messages.schemas import Content
from carelane.messages.templates.reads import write_mail
from carelane.patients.queries import find_language
from carelane.services import Services

_METHODS = {"MAIL": "EMAIL", "SMS": "SMS"}


async def write(services: Services, conn: Connection, message: MessageRow, queued: Content) -> Content | None:
    """The message with the patient's link of now. None: it is paid or canceled by now. Raises SendError."""
    organization_id = message.organization_id
    row = await queries.find_invoice(conn, organization_id, message.record_id)
    if row is None:
        return None
    if row.set_status in OVER:
        await queries.set_withdrawn(conn, organization_id, row.id)
        await events.record(conn, _withdrawn(organization_id, row))
        return None
    proof = await find_proof(conn, organization_id, row.patient.id)
    recipient = address_of(proof.patient, message.channel) if proof is not None else None
    if proof is None or recipient is None:
        raise SendError("the patient has no address", is_final=True)
    if not services.settings.public_url:
        raise SendError("CARELANE_PUBLIC_URL is not set")
    link = bill_link(organization_id, proof.patient.id, proof.tries.version, clock.now())
    url = url_of(services.bill_link_key, services.settings.public_url, link)
    with speaking(await find_language(conn, organization_id, proof.patient.id)):
        if message.channel == "SMS":
            return Content(recipient, text=bill_text(proof.clinic.name, url, queued.text))
        named = values_of(proof.clinic.name, proof.patient.first_name, url) | {"message": queued.text.strip()}
        return await write_mail(conn, organization_id, "INVOICE", named, recipient, services.settings.public_url)


def _withdrawn(organization_id: UUID, row: InvoiceRow) -> events.Event:
    """Of the message: what became of the invoice was told when it did."""
    return events.new_event(
        system_actor(organization_id),
        "INVOICE_NOT_DELIVERED",
        None,
        target_id=row.id,
        is_test=row.is_test,
        value_after=f"the invoice is {row.set_status}",
    )


async def settled(conn: Connection, actor: Actor, message: MessageRow, failure: SendError | None) -> None:
    organization_id, invoice_id, method = message.organization_id, message.record_id, _METHODS[message.channel]
    row = await queries.lock_invoice(conn, organization_id, invoice_id)
    if row is None:
        return
    said = None if failure is None else str(failure)
    await queries.set_outcome(conn, organization_id, invoice_id, method, said)
    told = events.new_event(
        actor,
        "INVOICE_SENT" if said is None else "INVOICE_NOT_DELIVERED",
        None,
        target_id=invoice_id,
        is_test=row.is_test,
        value_after=said or method,
    )
    await events.record(conn, told)


HOOKS = Hooks(write=write, settled=settled)
