"""Whether and how mail and text messages leave, by the settings."""

import asyncio

from carelane.kit import mail
from carelane.kit.errors import ConflictError
from carelane.quotes.sending import letter
from carelane.quotes.sending.letter import Letter
from carelane.quotes.sending.queries import Contact
from carelane.quotes.sending.schemas import Method
from carelane.services import Services
from carelane.settings import Settings
from carelane.texting import gateway
from carelane.texting.gateway import text_gateway

# A server that answers each step only just in time must not outlast the claim.
SEND_SECONDS = 30.0
_MISSING = {"email": "CARELANE_SMTP_HOST", "sms": "CARELANE_SMS_URL"}
_WHAT = {"email": "mail", "sms": "text messages"}


class NotSentError(Exception):
    """The message did not leave, or nobody knows. `is_final`: trying again is of no use. The text is never what was sent."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(message)


def require_channel(settings: Settings, method: Method) -> None:
    """Raises ConflictError that names the setting which is missing."""
    if missing := _missing_setting(settings, method):
        raise ConflictError(f"this server cannot send quotes by {_WHAT[method]}: {missing} is not set")


def address_of(contact: Contact, method: Method) -> str | None:
    return (contact.email if method == "email" else contact.phone_number) or None


async def send(services: Services, method: Method, recipient: str, written: Letter) -> None:
    """Returns once the message was taken. Raises NotSentError. Never called inside a transaction."""
    if missing := _missing_setting(services.settings, method):
        raise NotSentError(f"{missing} is not set")
    try:
        async with asyncio.timeout(min(SEND_SECONDS, services.settings.claim_lease_seconds / 2)):
            await (_mail if method == "email" else _text)(services, recipient, written)
    except (mail.MailError, TimeoutError) as error:
        raise NotSentError(str(error) or "the server took too long") from error
    except gateway.TextError as error:
        raise NotSentError(str(error), is_final=error.is_final) from error


def _missing_setting(settings: Settings, method: Method) -> str | None:
    has_server = settings.smtp_host if method == "email" else settings.sms_url
    if not has_server:
        return _MISSING[method]
    return None if settings.public_url else "CARELANE_PUBLIC_URL"


async def _mail(services: Services, recipient: str, written: Letter) -> None:
    settings = services.settings
    server = mail.MailServer(
        settings.smtp_host or "",
        settings.smtp_port,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_starttls,
        settings.mail_from,
    )
    await mail.send(server, recipient, letter.subject(written), letter.mail_text(written))


async def _text(services: Services, recipient: str, written: Letter) -> None:
    provider = text_gateway(services.settings)
    assert provider is not None, "send has looked"
    await gateway.send(services.simulator_http, provider, recipient, letter.sms_text(written))
