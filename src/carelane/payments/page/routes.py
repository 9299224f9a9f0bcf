"""/pay/{token}: the payment's page. The link is the credential; a forged one costs no query.

Nothing is done by a GET, except that `/back`, where gateways send patients to, takes up what the gateway says. Only somebody with
the link can send its forms, whose addresses hold the token; a form that the browser says comes from another site is refused. The
answer to a form leads to the gateway's page: its origin is the one other place that the page's policy lets forms lead to.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.languages import N_, _
from carelane.payments.checkouts.access import form_headers, is_known
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.errors import GatewayAwayError
from carelane.payments.links.access import PATH, PaymentLink, base_path, read_link, reader_of
from carelane.payments.page import actions, views
from carelane.payments.page.actions import Seen
from carelane.services import Services
from carelane.web.html.forms import read_form
from carelane.web.html.pages import PATIENT_STYLES, PageContent, Pages, see_other, show_leading_on
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import base_url

PAGES = Pages(Path(__file__).parent / "templates", PATIENT_STYLES)
MAX_FIELDS = 5
_AWAY = N_("The payment page cannot be reached just now. Nothing was charged. Please try again in a minute.")

routes = PageRoutes()

PageRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="From the message that the patient got")]


@routes.get(f"{PATH}/page.css")
async def get_payment_styles() -> Response[str]:
    return PATIENT_STYLES.response()


@routes.get(f"{PATH}/{{token:str}}")
async def show_payment(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[str]:
    link, actor = _reader(request, services, token)
    return await _page(services, actor, token, link)


@routes.get(f"{PATH}/{{token:str}}/back")
async def come_back(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """Leads on to the page, so that reloading it asks the gateway nothing again."""
    link, actor = _reader(request, services, token)
    await actions.come_back(services, actor, link)
    return see_other(_path(services, token))


@routes.post(f"{PATH}/{{token:str}}/confirm")
async def confirm_payment(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    back = f"{base_url(request, services)}{PATH}/{token}/back"
    try:
        patient = (await _patient(services, actor, link))[0]
        url = await actions.confirm_payment(services, patient, link, back)
    except GatewayAwayError:
        return await _page(services, actor, token, link, message=_(_AWAY), status=503)
    return await _lead_to(services, actor, token, link, url)


@routes.post(f"{PATH}/{{token:str}}/card")
async def change_card(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    patient, seen = await _patient(services, actor, link)
    try:
        url = await actions.change_card(services, patient, link, seen, base_url(request, services))
    except NothingToPayError:
        url = None
    except GatewayAwayError:
        return await _page(services, actor, token, link, message=_(_AWAY), status=503)
    return await _lead_to(services, actor, token, link, url)


async def _lead_to(services: Services, actor: Actor, token: str, link: PaymentLink, url: str | None) -> Response[Any]:
    """To the gateway's page, or back to ours, which says what there is to do now."""
    if url is None:
        return see_other(_path(services, token))
    if is_known(services.settings, url):
        return see_other(url)
    seen = await actions.view_payment(services, actor, link)
    return _render(services, show_leading_on(seen.row.organization_name, url))


def _reader(request: PageRequest, services: Services, token: str) -> tuple[PaymentLink, Actor]:
    """Raises RecordNotFoundError for a link that is not ours."""
    link = read_link(services.payment_link_key, token)
    if link is None:
        raise RecordNotFoundError
    return link, reader_of(link.organization_id, request.scope["state"].get("request_id"))


async def _patient(services: Services, actor: Actor, link: PaymentLink) -> tuple[Actor, Seen]:
    """The actor of what is done, the patient by id; and what they see."""
    seen = await actions.view_payment(services, actor, link)
    return msgspec.structs.replace(actor, id=seen.row.patient_id), seen


async def _page(
    services: Services, actor: Actor, token: str, link: PaymentLink, *, message: str = "", status: int | None = None
) -> Response[str]:
    seen = await actions.view_payment(services, actor, link)
    content = views.show_page(_path(services, token), seen, message=message)
    return _render(services, content if status is None else msgspec.structs.replace(content, status=status))


def _render(services: Services, content: PageContent) -> Response[str]:
    with_headers = msgspec.structs.replace(content, headers=content.headers | form_headers(services.settings))
    return PAGES.render(base_path(services.settings.public_url), with_headers)


def _path(services: Services, token: str) -> str:
    return f"{base_path(services.settings.public_url)}/{token}"
