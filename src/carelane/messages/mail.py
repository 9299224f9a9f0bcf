"""Outgoing mail over SMTP: one message to one recipient, plain text, perhaps as HTML too, perhaps with an invitation. Never called inside a
transaction.

A 5xx reply to the message itself is final. A 4xx reply, a lost connection, and whatever is wrong between us and the server
(its greeting, TLS, our password) may be better next time.
"""

import asyncio
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib
import msgspec
from aiosmtplib import SMTPDataError, SMTPRecipientRefused, SMTPRecipientsRefused, SMTPSenderRefused

from carelane.kit import clock
from carelane.kit.texts import one_line
from carelane.messages.errors import SendError
from carelane.messages.schemas import Content
from carelane.settings import Settings

# For each step of the conversation, and for all of them: a server may answer each only just in time.
TIMEOUT_SECONDS = 20.0
SEND_SECONDS = 30.0
_QUIT_SECONDS = 1.0
_ABOUT_THE_MESSAGE = (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError)
# "Authentication required" and its kin (RFC 4954): about us, whatever they answer.
_ABOUT_US = frozenset({530, 534, 535, 538})


class MailServer(msgspec.Struct, frozen=True):
    host: str
    port: int
    username: str | None
    password: str | None
    starttls: bool
    sender: str

    def __repr__(self) -> str:
        return "MailServer(***)"


def mail_server(settings: Settings) -> MailServer | None:
    """None while no mail is sent."""
    if settings.smtp_host is None:
        return None
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_starttls,
        settings.mail_from,
    )


async def send(server: MailServer, content: Content, message_id: str | None = None) -> None:
    """Returns once the server has taken the message. Raises SendError, also for a recipient that is no one plain address."""
    message = _written(server, content, message_id)
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        start_tls=server.starttls,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await client.connect()
            await client.send_message(message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise _failure(error) from error
    else:
        # It is taken: whatever goes wrong with saying goodbye changes nothing.
        with suppress(Exception):
            async with asyncio.timeout(_QUIT_SECONDS):
                await client.quit()
    finally:
        client.close()


def _written(server: MailServer, content: Content, message_id: str | None) -> EmailMessage:
    message = EmailMessage()
    try:
        message["To"] = content.recipient
        if [address.addr_spec for address in message["To"].addresses] != [content.recipient]:
            raise ValueError("one recipient was expected")
    except ValueError as error:
        raise SendError("the recipient is not one plain address", is_final=True) from error
    # One line, whatever a clinic or an endpoint is called.
    message["From"], message["Subject"], message["Date"] = server.sender, one_line(content.subject), clock.now()
    if message_id is not None:
        message["Message-ID"] = f"<{message_id}@{server.sender.rpartition('@')[2].rstrip('>')}>"
    message.set_content(content.text)
    if content.html:
        message.add_alternative(content.html, subtype="html")
    if content.invitation:
        _invite(message, content.invitation)
    return message


def _invite(message: EmailMessage, invitation: str) -> None:
    """Mail programs offer what comes as text/calendar with its own method (RFC 6047) to the reader's calendar."""
    method = "CANCEL" if "METHOD:CANCEL" in invitation else "REQUEST"
    message.add_attachment(invitation, subtype="calendar", filename="appointment.ics", params={"method": method})


def _failure(error: Exception) -> SendError:
    refused = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) and error.recipients else error
    code: int | None = getattr(refused, "code", None)
    text = f"{type(error).__name__}{'' if code is None else f' {code}'}"
    is_final = isinstance(refused, _ABOUT_THE_MESSAGE) and refused.code >= 500 and refused.code not in _ABOUT_US
    return SendError(text, is_final=is_final)
