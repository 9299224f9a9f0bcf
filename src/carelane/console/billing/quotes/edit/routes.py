"""`/console/billing/quotes/{id}/edit` and the forms on it. Each says which version of the quote it was filled in from."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.console.billing.offers.routes import search
from carelane.console.billing.offers.views import changed_part, price_of
from carelane.console.billing.quotes.edit import views
from carelane.console.billing.quotes.routes import QUOTES_PATH, QuoteRef
from carelane.console.billing.views import refused_part
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.languages import N_
from carelane.quotes.drafting.edit import add_line, change_line, change_quote, remove_line
from carelane.quotes.reads import get_editable
from carelane.quotes.schemas import QuoteItemIn, QuoteItemPatch
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_EDIT = QUOTES_PATH + "/{quote_id:str}/edit"
_REFUSALS = (*REFUSALS, RecordNotFoundError)
NOTES = {
    "added": N_("Added."),
    "changed": N_("The quote is changed. A patient who has it open is shown what is new before they answer."),
    "removed": N_("Taken out."),
}


@routes.get(_EDIT)
async def get_edit(
    request: ActorRequest,
    services: NamedDependency[Services],
    quote_id: QuoteRef,
    q: Annotated[str, QueryParameter(description="What to look for", max_length=200)] = "",
) -> Response[Any]:
    """What can be changed of it, and what can be put in."""
    return await _show(request, services, quote_id, None, q)


async def _show(
    request: ActorRequest, services: Services, quote_id: str, form: Filled | None, text: str = ""
) -> Response[Any]:
    of = await get_editable(services, request.auth, quote_id)
    now = views.stands(of)
    shown = views.shown(form, now)
    values = views.edit_page(request.auth, of, text, await search(request, services, text))
    values |= {"changes": views.changes(shown, now)}
    return await page(request, services, "billing/quote_edit.html", values, here="billing", form=shown, notes=NOTES)


@routes.post(f"{_EDIT}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], quote_id: QuoteRef
) -> Response[Any]:
    """Its words, its date, its discount: what was touched."""
    try:
        await change_quote(services, request.auth, quote_id, views.patch_of(form), form.get("version"))
    except REFUSALS as error:
        return await _show(request, services, quote_id, refused_part(form, views.WORDS, error))
    return _done(quote_id, "changed")


@routes.post(f"{_EDIT}/line")
async def change_one(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], quote_id: QuoteRef
) -> Response[Any]:
    """How many of a line, at what price and discount, and what the patient reads of it; priced anew."""
    line_id = views.line_in(form)
    prefix = views.line_prefix(line_id)
    own = changed_part(form, prefix)
    try:
        currency = (await get_editable(services, request.auth, quote_id)).currency
        more: dict[str, Any] = {**views.emptied(own, "description")}
        if own.get("unitPrice"):
            more["unitPrice"] = price_of(own, "unitPrice", currency)
        body = own.read(QuoteItemPatch, **more)
        await change_line(services, request.auth, quote_id, line_id, body, form.get("version"))
    except _REFUSALS as error:
        return await _show(request, services, quote_id, refused_part(form, prefix, error))
    return _done(quote_id, "changed")


@routes.post(f"{_EDIT}/add")
async def add(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], quote_id: QuoteRef
) -> Response[Any]:
    """A product or a bundle, at the price of the catalogue."""
    try:
        body = form.read(QuoteItemIn)
        await add_line(services, request.auth, quote_id, body, form.key(request), form.get("version"))
    except _REFUSALS as error:
        return await _show(request, services, quote_id, form.refused(error), form.get("q"))
    return _done(quote_id, "added", form.get("q"))


@routes.post(f"{_EDIT}/remove")
async def remove(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], quote_id: QuoteRef
) -> Response[Any]:
    """Takes a line out; priced anew."""
    try:
        await remove_line(services, request.auth, quote_id, views.line_in(form), form.get("version"))
    except _REFUSALS as error:
        return await _show(request, services, quote_id, form.refused(error))
    return _done(quote_id, "removed")


def _done(quote_id: str, what: str, text: str = "") -> Response[Any]:
    return see_other(with_query(f"{QUOTES_PATH}/{quote_id}/edit", q=text or None, done=what))
