"""Telling people by mail what an event means for them."""

from uuid import UUID

from carelane.kit import mail
from carelane.kit.auth import system_actor
from carelane.kit.jobs import MOST_ATTEMPTS
from carelane.notifications import queries
from carelane.notifications.queries import Notification, Occasion
from carelane.services import Services
from carelane.settings import Settings


class NotSentError(Exception):
    """A message waits for another attempt; raised so that the job is run again."""


async def notify(services: Services, organization_id: UUID, event_id: UUID) -> None:
    """Mails every recipient who has not been told yet. Raises NotSentError while somebody still has to be."""
    server = _mail_server(services.settings)
    if server is None:
        return
    async with services.db.transaction(system_actor(organization_id)) as conn:
        occasion = await queries.find_occasion(conn, organization_id, event_id)
        if occasion is None or occasion.case_status == "ABANDONED" or not occasion.recipients:
            return
        await queries.insert_missing(conn, organization_id, event_id, occasion.recipients)
        claimed = await queries.claim_unsent(conn, organization_id, event_id)
    outcomes = [await _send(services, server, organization_id, occasion, notification) for notification in claimed]
    if not all(outcomes):
        raise NotSentError("the mail server did not take every message")


async def _send(
    services: Services, server: mail.MailServer, organization_id: UUID, occasion: Occasion, notification: Notification
) -> bool:
    """Whether nothing is left to do: the message was sent, or given up."""
    failure = None
    try:
        await mail.send(server, notification.recipient, _subject(occasion), _text(occasion, services.settings))
    except mail.MailError as error:
        failure = str(error)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        if failure is None:
            await queries.set_sent(conn, organization_id, notification.id)
        else:
            await queries.set_failed(conn, organization_id, notification.id, failure, MOST_ATTEMPTS)
    return failure is None or notification.attempts >= MOST_ATTEMPTS


def _subject(occasion: Occasion) -> str:
    if occasion.type == "WEBHOOK_DISABLED":
        return f"Webhook switched off: {occasion.endpoint_name}"
    mark = "[test] " if occasion.is_test else ""
    return f"{mark}New case {occasion.short_id}"


def _text(occasion: Occasion, settings: Settings) -> str:
    """What happened and where to look. Mail is read in many places, so it says nothing about the patient."""
    place = f" at {settings.public_url}" if settings.public_url else ""
    if occasion.type == "WEBHOOK_DISABLED":
        why = "said that it is gone" if occasion.reason == "GONE" else "took nothing for five days"
        return (
            f"{occasion.organization_name}: the receiver of the webhook {occasion.endpoint_name} {why}, so it was "
            f"switched off.\n\nSign in{place} to switch it on again and to repeat what it missed.\n"
        )
    note = "This is a test case: nobody waits for it.\n" if occasion.is_test else ""
    return f"{occasion.organization_name} has a new case: {occasion.short_id}.\n{note}\nSign in{place} to see it.\n"


def _mail_server(settings: Settings) -> mail.MailServer | None:
    if settings.smtp_host is None:
        return None
    return mail.MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_starttls,
        settings.mail_from,
    )
