"""/bill/receipts/{token}: a receipt, for whoever has its link. A forged one costs no query."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.bills.printing.access import print_receipt
from carelane.bills.proof.access import (
    PASS,
    RECEIPTS,
    ReceiptLink,
    base_path,
    pass_body,
    read_receipt_link,
    reader_of,
)
from carelane.bills.proof.actions import verify_reader
from carelane.bills.proof.views import PAGES, closed_page, ended_page, identity_page, support
from carelane.bills.receipt_page import reads
from carelane.bills.receipt_page.reads import ReceiptSeen
from carelane.bills.receipts.routes import FILE_HEADERS
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.services import Services
from carelane.web.html.cookies import is_secure
from carelane.web.html.forms import read_form
from carelane.web.html.pages import PageContent, see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.html.security import PAGE_HEADERS

MAX_FIELDS = 20

routes = PageRoutes()

PageRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="From the message that the patient got")]


@routes.get(f"{RECEIPTS}/{{token:str}}")
async def show_receipt(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[str]:
    _, _, seen = await _seen(request, services, token)
    if seen.kind == "ended":
        return PAGES.render(base_path(services.settings.public_url), ended_page(seen.proof.clinic))
    clinic = seen.proof.clinic
    values = {
        "receipt": seen.receipt,
        "is_verified": seen.kind == "open",
        "clinic": clinic.name,
        "logo": clinic.receipt_logo,
        "place": clinic.tagline or clinic.place,
        "support": support(clinic),
        "path": _path(services, token),
    }
    return PAGES.render(base_path(services.settings.public_url), PageContent("receipt.html", values))


@routes.get(f"{RECEIPTS}/{{token:str}}/items")
async def ask_reader(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """Asks who the reader is; leads back whoever has shown it."""
    _, _, seen = await _seen(request, services, token)
    if seen.kind in {"open", "ended"}:
        return see_other(_path(services, token))
    return _ask(services, token, seen)


@routes.post(f"{RECEIPTS}/{{token:str}}/verify")
async def verify_receipt_reader(
    request: PageRequest, services: NamedDependency[Services], token: Token
) -> Response[Any]:
    form = await read_form(request, MAX_FIELDS)
    link, actor, seen = await _seen(request, services, token)
    if seen.kind != "verify":
        return see_other(f"{_path(services, token)}/items")
    verified = await verify_reader(services, actor, seen.proof, seen.proof.tries.version, form)
    if verified.outcome == "right":
        answer = see_other(_path(services, token))
        value = PASS.issue(services.bill_link_key, pass_body(link.organization_id, seen.proof))
        secure = is_secure(request, services.settings.public_url)
        answer.cookies.append(PASS.make(value, path=base_path(services.settings.public_url), is_secure=secure))
        return answer
    if verified.outcome == "locked":
        return _ask(services, token, (await _seen(request, services, token))[2])
    return _ask(services, token, seen, verified.message)


@routes.get(f"{RECEIPTS}/{{token:str}}/receipt.pdf")
async def get_receipt_print(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    _, actor, seen = await _seen(request, services, token)
    if seen.kind != "open":
        return see_other(f"{_path(services, token)}/items")
    content = await print_receipt(services, actor, seen.receipt)
    headers = {name: value for name, value in PAGE_HEADERS.items() if name != "Content-Security-Policy"}
    return Response(content, media_type="application/pdf", headers=headers | FILE_HEADERS)


def _ask(services: Services, token: str, seen: ReceiptSeen, message: str = "") -> Response[str]:
    if seen.kind != "verify":
        return PAGES.render(base_path(services.settings.public_url), closed_page(seen.proof, seen.kind))
    content = identity_page(_path(services, token), seen.proof, "receipt", message)
    return PAGES.render(
        base_path(services.settings.public_url), msgspec.structs.replace(content, status=422 if message else 200)
    )


async def _seen(request: PageRequest, services: Services, token: str) -> tuple[ReceiptLink, Actor, ReceiptSeen]:
    """Raises RecordNotFoundError for a link that is not ours."""
    link = read_receipt_link(services.bill_link_key, token)
    if link is None:
        raise RecordNotFoundError
    actor = reader_of(link.organization_id, request.scope["state"].get("request_id"))
    return link, actor, await reads.view_receipt(services, actor, link, PASS.read(request))


def _path(services: Services, token: str) -> str:
    return f"{base_path(services.settings.public_url)}/receipts/{token}"
