"""/bill/{token}: what a patient owes, for whoever has the link and proves to be the patient. A forged link costs no query.

Only somebody with the link can send its forms: their addresses hold the token, and the cookie that proves who the reader is does not
come along with a form of another site. A caller's page may be named to lead back to once it is paid (`?return_url=`): it is kept in
a cookie of the page, and held against the organization's origins whenever it is used.
"""

from typing import Annotated, Any
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.bills.owed.access import MAX_URL_CHARACTERS
from carelane.bills.page import actions, views
from carelane.bills.page.actions import BillSeen
from carelane.bills.proof.access import (
    PASS,
    PATH,
    BillLink,
    base_path,
    pass_body,
    read_bill_link,
    reader_of,
    receipt_link,
    token_of,
)
from carelane.bills.proof.actions import verify_reader
from carelane.bills.proof.views import PAGES
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.errors import InvalidRequestError, RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.kit.languages import N_, _
from carelane.payments.checkouts.access import form_headers, is_known
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.errors import GatewayAwayError
from carelane.services import Services
from carelane.web.html.cookies import SessionCookie, is_secure
from carelane.web.html.forms import read_form
from carelane.web.html.pages import PATIENT_STYLES, PageContent, see_other, show_leading_on
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import base_url

MAX_FIELDS = 20
_AWAY = N_("The payment page cannot be reached just now. Nothing was charged. Please try again in a minute.")
# Where to lead back to; as long as somebody may take on the gateway's page.
_RETURN = SessionCookie("carelane_return", lifetime_seconds=7_200)

routes = PageRoutes()

PageRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="From the message that the patient got")]


@routes.get(f"{PATH}/page.css")
async def get_bill_styles() -> Response[str]:
    return PATIENT_STYLES.response()


@routes.get(f"{PATH}/{{token:str}}")
async def show_bill(
    request: PageRequest,
    services: NamedDependency[Services],
    token: Token,
    return_url: Annotated[str | None, QueryParameter(max_length=MAX_URL_CHARACTERS)] = None,
) -> Response[str]:
    link, actor = _reader(request, services, token)
    seen = await _view(request, services, actor, link, return_url)
    answer = _page(services, token, link, seen)
    if return_url is not None and seen.can_return:
        secure = is_secure(request, services.settings.public_url)
        path = _path(services, token)
        answer.cookies.append(_RETURN.make(quote(return_url, safe=""), path=path, is_secure=secure))
    return answer


@routes.post(f"{PATH}/{{token:str}}/verify")
async def verify_bill_reader(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """The right answers are rewarded with a cookie for this patient's pages; wrong ones are counted."""
    form = await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    seen = await _view(request, services, actor, link)
    if seen.kind != "verify":
        return see_other(_path(services, token))
    verified = await verify_reader(services, actor, seen.proof, link.version, form)
    if verified.outcome == "right":
        answer = see_other(_path(services, token))
        value = PASS.issue(services.bill_link_key, pass_body(link.organization_id, seen.proof))
        secure = is_secure(request, services.settings.public_url)
        answer.cookies.append(PASS.make(value, path=base_path(services.settings.public_url), is_secure=secure))
        return answer
    if verified.outcome == "locked":
        return _page(services, token, link, await _view(request, services, actor, link))
    return _page(services, token, link, seen, message=verified.message, status=422)


@routes.post(f"{PATH}/{{token:str}}/pay")
async def pay_bill(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """Leads to the gateway's page, where one charge is paid."""
    charge_id = _read_charge(await read_form(request, MAX_FIELDS))
    link, actor = _reader(request, services, token)
    seen = await _view(request, services, actor, link)
    if seen.kind != "open":
        return see_other(_path(services, token))
    patient, clinic = msgspec.structs.replace(actor, id=seen.proof.patient.id), seen.proof.clinic.name
    page_url = f"{base_url(request, services)}{PATH}/{token}"
    try:
        url = await actions.pay_charge(services, patient, charge_id, page_url, clinic)
    except NothingToPayError:
        return see_other(_path(services, token))
    except GatewayAwayError:
        seen = await _view(request, services, actor, link)
        return _page(services, token, link, seen, message=_(_AWAY), status=503)
    if is_known(services.settings, url):
        return see_other(url)
    return PAGES.render(base_path(services.settings.public_url), show_leading_on(clinic, url))


@routes.get(f"{PATH}/{{token:str}}/back")
async def come_back(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """From the gateway. Takes up what it says, and leads on, so that reloading asks nothing again."""
    link, actor = _reader(request, services, token)
    kept = unquote(_RETURN.read(request) or "")[:MAX_URL_CHARACTERS] or None
    return_url = await actions.come_back(services, actor, link, kept)
    if return_url is None:
        return see_other(_path(services, token))
    answer = see_other(return_url)
    secure = is_secure(request, services.settings.public_url)
    answer.cookies.append(_RETURN.remove(path=_path(services, token), is_secure=secure))
    return answer


def _reader(request: PageRequest, services: Services, token: str) -> tuple[BillLink, Actor]:
    """Raises RecordNotFoundError for a link that is not ours."""
    link = read_bill_link(services.bill_link_key, token)
    if link is None:
        raise RecordNotFoundError
    return link, reader_of(link.organization_id, request.scope["state"].get("request_id"))


async def _view(
    request: PageRequest, services: Services, actor: Actor, link: BillLink, return_url: str | None = None
) -> BillSeen:
    return await actions.view_bill(services, actor, link, PASS.read(request), return_url)


def _page(
    services: Services, token: str, link: BillLink, seen: BillSeen, *, message: str = "", status: int | None = None
) -> Response[str]:
    def receipt(payment_id: UUID) -> str:
        to = receipt_link(link.organization_id, payment_id, clock.now())
        return f"{base_path(services.settings.public_url)}/receipts/{token_of(services.bill_link_key, to)}"

    content: PageContent = views.show_page(_path(services, token), receipt, seen, message)
    if status is not None:
        content = msgspec.structs.replace(content, status=status)
    if seen.kind == "open":
        content = msgspec.structs.replace(content, headers=content.headers | form_headers(services.settings))
    return PAGES.render(base_path(services.settings.public_url), content)


def _read_charge(form: dict[str, str]) -> UUID:
    charge_id = parse_uuid(form.get("charge", ""))
    if charge_id is None:
        raise InvalidRequestError("expected the id of a charge")
    return charge_id


def _path(services: Services, token: str) -> str:
    return f"{base_path(services.settings.public_url)}/{token}"
