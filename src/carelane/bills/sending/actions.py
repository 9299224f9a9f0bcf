"""Sending a receipt. Only a message is queued; the worker sends it."""

from functools import partial

from carelane import events
from carelane.bills.proof.access import receipt_link, url_of
from carelane.bills.proof.actions import renew_link
from carelane.bills.receipts.access import get_paid
from carelane.bills.receipts.queries import PayerRow
from carelane.bills.sending import queries
from carelane.bills.sending.schemas import SendReceiptIn, receipt_problems
from carelane.bills.sending.views import receipt_text, values_of
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import deliverable
from carelane.kit.errors import ConflictError, FieldProblem, RuleBrokenError, refuse
from carelane.kit.ids import record_id
from carelane.kit.languages import speaking
from carelane.kit.phi import DataKey
from carelane.messages.actions import missing_setting, queue
from carelane.messages.schemas import Channel, Content, NewMessage
from carelane.messages.templates.reads import write_mail
from carelane.patients.queries import find_language
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey, run_once

# Of one payment; nobody wants more of them.
MOST_WAITING = 10
_WHAT: dict[Channel, str] = {"MAIL": "mail", "SMS": "text messages"}


@requires(BILLING_WRITE)
async def send_receipt(services: Services, actor: Actor, body: SendReceiptIn, request_key: RequestKey | None) -> bool:
    """Raises RecordNotFoundError, ConflictError (nothing was paid yet, enough messages wait already, or this server cannot send
    that way), RuleBrokenError (the patient cannot be reached that way)."""
    refuse(receipt_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_send, services, actor, data_key, body))


async def _send(services: Services, actor: Actor, data_key: DataKey, body: SendReceiptIn, conn: Connection) -> bool:
    organization_id = actor.organization_id
    row = await get_paid(conn, organization_id, record_id(organization_id, body.payment_id), body.payment_id)
    channel: Channel = "MAIL" if body.use_email else "SMS"
    base = require_way(services.settings, channel)
    recipient = deliverable(body.email) if body.email else address_of(row.patient, channel)
    if recipient is None:
        wanted = "an e-mail address" if channel == "MAIL" else "a phone number"
        problem = f"expected a way by which the patient can be reached; {wanted} is not known"
        raise RuleBrokenError(problems=[FieldProblem("useEmail", problem)])
    payment_id = row.payment.id
    waiting = await queries.count_waiting(conn, organization_id, payment_id, "PAYMENT_RECEIPT")
    if waiting >= MOST_WAITING:
        raise ConflictError(f"{waiting} messages with this receipt are waiting to be sent already")
    # Where the patient's pages were closed after too many guesses, this message opens them.
    await renew_link(conn, organization_id, row.patient.id)
    link = receipt_link(organization_id, payment_id, clock.now())
    with speaking(await find_language(conn, organization_id, row.patient.id)):
        url = url_of(services.bill_link_key, base, link)
        if channel == "SMS":
            content = Content(recipient, text=receipt_text(row.clinic.name, url))
        else:
            named = values_of(row.clinic.name, row.patient.first_name, url)
            content = await write_mail(conn, organization_id, "RECEIPT", named, recipient, base)
    message = NewMessage(
        kind="PAYMENT_RECEIPT", channel=channel, record_kind="payment", record_id=payment_id, content=content
    )
    await queue(conn, actor, data_key, message)
    sent = events.new_event(actor, "RECEIPT_SENT", None, target_id=payment_id, is_test=row.is_test, value_after=channel)
    await events.record(conn, sent)
    return True


def require_way(settings: Settings, channel: Channel) -> str:
    """Where links lead to. Raises ConflictError that names the setting which is missing."""
    missing = missing_setting(settings, channel)
    if missing is None and settings.public_url:
        return settings.public_url
    name = missing or "CARELANE_PUBLIC_URL"
    raise ConflictError(f"this server cannot send links by {_WHAT[channel]}: {name} is not set")


def address_of(patient: PayerRow, channel: Channel) -> str | None:
    """None: the patient cannot be reached that way."""
    if channel == "MAIL":
        return deliverable(patient.email) if patient.email else None
    return patient.phone_e164
