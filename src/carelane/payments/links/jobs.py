"""What the worker does about messages with a payment's link: writes one as it leaves, and records that the patient was told."""

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.languages import speaking
from carelane.messages.errors import SendError
from carelane.messages.jobs import Hooks
from carelane.messages.queries import MessageRow
from carelane.messages.schemas import Content
from carelane.messages.templates.reads import write_mail
from carelane.patients.queries import find_language
from carelane.payments.links import queries
from carelane.payments.links.access import link_from, url_of
from carelane.payments.links.actions import address_of
from carelane.payments.links.views import Call, sms_text, values_of
from carelane.payments.queries import lock_payment
from carelane.payments.states import NOT_TRIED, WITH_PATIENT
from carelane.services import Services


async def write(services: Services, conn: Connection, message: MessageRow, _queued: Content) -> Content | None:
    """The message with the link of now. None: the payment does not need its patient any more, or the patient cannot be reached
    that way. Raises SendError."""
    payer = await queries.find_payer(conn, message.organization_id, message.record_id)
    recipient = address_of(payer, message.channel) if payer is not None else None
    if payer is None or recipient is None or payer.stage not in WITH_PATIENT:
        return None
    if not services.settings.public_url:
        raise SendError("CARELANE_PUBLIC_URL is not set")
    link = link_from(message.organization_id, message.record_id, payer.link_version, clock.now())
    call = Call(
        clinic=payer.organization_name,
        first_name=payer.first_name,
        needs_card=payer.stage == "NEEDS_CARD",
        was_tried=payer.failure not in NOT_TRIED,
        url=url_of(services.payment_link_key, services.settings.public_url, link),
        ends_at=link.expires_at,
        timezone=payer.timezone,
        support=payer.support,
    )
    with speaking(await find_language(conn, message.organization_id, payer.patient_id)):
        if message.channel == "SMS":
            return Content(recipient, text=sms_text(call))
        base = services.settings.public_url
        return await write_mail(conn, message.organization_id, "PAYMENT", values_of(call), recipient, base)


async def settled(conn: Connection, actor: Actor, message: MessageRow, failure: SendError | None) -> None:
    """One event for a call, however many ways it went: whoever holds the payment's row is told whether the other way was first."""
    if failure is not None:
        return
    payment = await lock_payment(conn, actor.organization_id, message.record_id)
    if payment is None or await queries.count_sent_beside(conn, actor.organization_id, message.id):
        return
    sent = events.new_event(
        actor, "PAYMENT_INFO_LINK_SENT", payment.case_id, target_id=payment.id, is_test=payment.is_test
    )
    await events.record(conn, sent)


HOOKS = Hooks(write=write, settled=settled)
