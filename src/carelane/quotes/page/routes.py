"""/q/{token}: the patient's page. The link is the credential; a forged one costs no query.

Only somebody with the link can send its forms: their addresses hold the token, which no other page knows, since no address of
ours is passed on (Referrer-Policy). Where an identity is asked for, the cookie that proves it is not sent along with a form of
another site (SameSite=Lax), and a form that the browser says comes from another site is refused.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.kit.auth import Actor
from carelane.kit.errors import ConflictError, InvalidRequestError, RecordNotFoundError
from carelane.kit.languages import N_, _
from carelane.payments.checkouts.access import form_headers, is_known
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.errors import GatewayAwayError
from carelane.quotes.page import actions, views
from carelane.quotes.page.access import PASS, PATH, QuoteLink, base_path, known_patient, read_link, reader_of
from carelane.quotes.page.actions import AnswerGiven, PageSeen
from carelane.quotes.paying.actions import come_back as take_up_payments
from carelane.quotes.paying.actions import pay_quote
from carelane.quotes.respond import Answer
from carelane.services import Services
from carelane.web.html.cookies import is_secure
from carelane.web.html.forms import read_form
from carelane.web.html.pages import PATIENT_STYLES, Pages, see_other, show_leading_on
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import base_url

PAGES = Pages(Path(__file__).parent / "templates", PATIENT_STYLES)
MAX_FIELDS = 20
MAX_MESSAGE_CHARACTERS = 2_000
_CHANGED = N_("The clinic has changed this quote since you opened it. Please read it again before you answer.")
_AWAY = N_("The payment page cannot be reached just now. Nothing was charged. Please try again in a minute.")
_ANSWERS: dict[str, Answer] = {"accept": "ACCEPTED", "decline": "DECLINED"}

routes = PageRoutes()

PageRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="From the message that the patient got")]


@routes.get(f"{PATH}/page.css")
async def get_styles() -> Response[str]:
    return PATIENT_STYLES.response()


@routes.get(f"{PATH}/{{token:str}}")
async def show_page(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[str]:
    link, actor = _reader(request, services, token)
    return _page(services, token, await _view(request, services, actor, link))


@routes.post(f"{PATH}/{{token:str}}/verify")
async def verify(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """The right answers are rewarded with a cookie for this link; wrong ones are counted."""
    form = await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    seen = await _view(request, services, actor, link)
    if seen.kind != "verify":
        return see_other(_path(services, token))
    known = known_patient(seen.row.last_name, seen.row.date_of_birth, seen.row.phone_number)
    verified = await actions.verify_reader(services, actor, link, known, form)
    if verified.outcome == "right":
        answer = see_other(_path(services, token))
        value = PASS.issue(services.quote_link_key, link.body())
        secure = is_secure(request, services.settings.public_url)
        answer.cookies.append(PASS.make(value, path=_path(services, token), is_secure=secure))
        return answer
    if verified.outcome == "locked":
        return _page(services, token, await _view(request, services, actor, link))
    return _page(services, token, seen, message=verified.message, status=422)


@routes.post(f"{PATH}/{{token:str}}/respond")
async def respond(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """Accepts or declines what the reader saw. If it is no longer that, shows what it is now, and nothing is done."""
    form = await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    seen = await _view(request, services, actor, link)
    if seen.kind in {"ended", "answered"}:
        return _page(services, token, seen, status=409)
    if seen.kind != "open":
        return see_other(_path(services, token))
    given = _read_answer(form)
    patient = msgspec.structs.replace(actor, id=seen.row.patient_id)
    if await actions.answer_page(services, patient, link, given):
        return see_other(_path(services, token))
    seen = await _view(request, services, actor, link)
    text = _(_CHANGED) if seen.kind == "open" else ""
    return _page(services, token, seen, message=text, draft=given.message or "", status=409)


@routes.post(f"{PATH}/{{token:str}}/pay")
async def pay(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """Accepts what the reader saw, if it is still to be accepted, and leads to the gateway's page, where it is paid."""
    form = await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    seen = await _view(request, services, actor, link)
    if seen.kind not in {"open", "answered"}:
        return see_other(_path(services, token))
    given = _read_answer(form | {"answer": "accept"}) if seen.kind == "open" else None
    patient = msgspec.structs.replace(actor, id=seen.row.patient_id)
    page_url = f"{base_url(request, services)}{PATH}/{token}"
    draft = given.message or "" if given is not None else ""
    try:
        url = await pay_quote(services, patient, link, given, page_url, seen.row.organization_name)
    except NothingToPayError:
        return see_other(_path(services, token))
    except (ConflictError, GatewayAwayError) as error:
        seen, is_away = await _view(request, services, actor, link), isinstance(error, GatewayAwayError)
        text = _(_AWAY) if is_away else _(_CHANGED) if seen.kind == "open" else ""
        return _page(services, token, seen, message=text, draft=draft, status=503 if is_away else 409)
    if is_known(services.settings, url):
        return see_other(url)
    return PAGES.render(base_path(services.settings.public_url), show_leading_on(seen.row.organization_name, url))


@routes.get(f"{PATH}/{{token:str}}/back")
async def come_back(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """From the gateway. Takes up what it says, and leads on to the page, so that reloading it asks nothing again."""
    link, actor = _reader(request, services, token)
    await take_up_payments(services, actor, link)
    return see_other(_path(services, token))


def _reader(request: PageRequest, services: Services, token: str) -> tuple[QuoteLink, Actor]:
    """Raises RecordNotFoundError for a link that is not ours."""
    link = read_link(services.quote_link_key, token)
    if link is None:
        raise RecordNotFoundError
    return link, reader_of(link, request.scope["state"].get("request_id"))


async def _view(request: PageRequest, services: Services, actor: Actor, link: QuoteLink) -> PageSeen:
    is_verified = PASS.is_good(services.quote_link_key, link.body(), PASS.read(request))
    return await actions.view_page(services, actor, link, is_verified=is_verified)


def _page(services: Services, token: str, seen: PageSeen, *, status: int | None = None, **texts: str) -> Response[str]:
    content = views.show_page(_path(services, token), seen.row, seen.kind, seen.quote, **texts)
    if status is not None:
        content = msgspec.structs.replace(content, status=status)
    if seen.quote is not None and views.can_pay(seen.row, seen.kind):
        content = msgspec.structs.replace(content, headers=content.headers | form_headers(services.settings))
    return PAGES.render(base_path(services.settings.public_url), content)


def _path(services: Services, token: str) -> str:
    return f"{base_path(services.settings.public_url)}/{token}"


def _read_answer(form: dict[str, str]) -> AnswerGiven:
    answer, revision = _ANSWERS.get(form.get("answer", "")), form.get("revision", "")
    # Counted as the browser counts for maxlength: it sends the end of each line as two characters.
    message = form.get("message", "").replace("\r\n", "\n")
    is_number = revision.isascii() and revision.isdigit() and len(revision) <= 9
    if answer is None or not is_number or len(message) > MAX_MESSAGE_CHARACTERS:
        raise InvalidRequestError("expected an answer, the revision, and no more than a message")
    return AnswerGiven(answer=answer, message=message.replace("\0", "").strip() or None, revision=int(revision))
