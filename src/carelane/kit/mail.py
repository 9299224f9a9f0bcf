"""Outgoing mail over SMTP: one plain text message to one recipient. Never called inside a transaction."""

from email.message import EmailMessage

import aiosmtplib
import msgspec

from carelane.kit import clock

TIMEOUT_SECONDS = 20.0


class MailServer(msgspec.Struct, frozen=True):
    host: str
    port: int
    username: str | None
    password: str | None
    starttls: bool
    sender: str

    def __repr__(self) -> str:
        return "MailServer(***)"


class MailError(Exception):
    """The message was not taken. The text is the kind of failure and the server's reply code, never the message."""


async def send(server: MailServer, recipient: str, subject: str, text: str) -> None:
    """Returns once the server has taken the message. Raises MailError, also for a recipient that is no one plain address."""
    try:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = server.sender, recipient, subject
        message["Date"] = clock.now()
        message.set_content(text)
        if [address.addr_spec for address in message["To"].addresses] != [recipient]:
            raise ValueError("one recipient was expected")
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            start_tls=server.starttls,
            timeout=TIMEOUT_SECONDS,
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        code = getattr(error, "code", None)
        raise MailError(f"{type(error).__name__}{'' if code is None else f' {code}'}") from error
