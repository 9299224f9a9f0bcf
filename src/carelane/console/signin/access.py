"""Cookies of who comes in, and what the forms at the door say."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import Cookie

from carelane.console.access import PATH
from carelane.console.forms import Form
from carelane.kit.languages import language
from carelane.services import Services
from carelane.sessions.access import COOKIE, DEVICE_COOKIE, Caller, caller_of, is_sent_over_tls
from carelane.sessions.actions import SignedIn, WithoutSecondFactor
from carelane.sessions.schemas import SignInIn
from carelane.sessions.second_factor.access import TICKET_COOKIE, Ticket, issue_ticket, read_ticket
from carelane.sessions.second_factor.actions import begin_first
from carelane.web.html.cookies import SessionCookie

AnyRequest = Request[Any, Any, Any]

SET_UP_PATH = f"{PATH}/set-up"
# What a person would type again each time; it opens nothing.
CLINIC_COOKIE = SessionCookie("carelane_clinic", int(timedelta(days=180).total_seconds()))
MAX_CLINIC_CHARACTERS = 63


def caller_at(request: AnyRequest, services: Services) -> Caller:
    """Who is at the door; the session that is opened ends by idling."""
    idle = timedelta(seconds=services.settings.console_idle_seconds)
    return caller_of(request, services.settings, idle=idle, language=language())


def token_of(request: AnyRequest) -> str:
    """Of the session that the guard let in by its cookie."""
    return COOKIE.read(request) or ""


def clinic_of(request: AnyRequest) -> str:
    """Which one was signed in to here before, unless the link says it."""
    return request.query_params.get("clinic") or CLINIC_COOKIE.read(request) or ""


def session_cookies(request: AnyRequest, services: Services, signed_in: SignedIn) -> list[Cookie]:
    is_secure = is_sent_over_tls(request, services.settings)
    return [
        COOKIE.make(signed_in.session.token, path="/", is_secure=is_secure),
        DEVICE_COOKIE.make(signed_in.device, path="/", is_secure=is_secure),
        TICKET_COOKIE.remove(path=SET_UP_PATH, is_secure=is_secure),
    ]


def clinic_cookie(request: AnyRequest, services: Services, tenant: str) -> Cookie:
    is_secure = is_sent_over_tls(request, services.settings)
    return CLINIC_COOKIE.make(tenant[:MAX_CLINIC_CHARACTERS], path=PATH, is_secure=is_secure)


async def ticket_cookie(request: AnyRequest, services: Services, entered: WithoutSecondFactor) -> Cookie:
    """A new secret to set up, and the ticket for it."""
    ticket = await begin_first(services, entered.organization_id, entered.account)
    is_secure = is_sent_over_tls(request, services.settings)
    return TICKET_COOKIE.make(issue_ticket(services.staff_link_key, ticket), path=SET_UP_PATH, is_secure=is_secure)


def ticket_of(request: AnyRequest, services: Services) -> Ticket | None:
    return read_ticket(services.staff_link_key, TICKET_COOKIE.read(request))


def sent_by(form: Form) -> SignInIn:
    """What signs in, however it was spaced. Raises InvalidRequestError."""
    sent = form.read(SignInIn)
    plain = {
        "tenant": sent.tenant.strip().lower(),
        "email": sent.email.strip(),
        "totp": "".join(sent.totp.split()) if sent.totp else None,
    }
    return msgspec.structs.replace(sent, **plain)
