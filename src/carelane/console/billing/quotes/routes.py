"""`/console/billing/quotes`: the list, and one that is sent"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.console.billing import views as common
from carelane.console.billing.offers import views
from carelane.console.billing.states import QUOTE_STATES
from carelane.console.billing.views import PAGE_SIZE, PATH, choice, frame_of, one_of
from carelane.console.filters import filters_of
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.kit.ids import record_id
from carelane.kit.languages import _
from carelane.quotes.convert import convert_quote
from carelane.quotes.reads import get_quote, list_currencies, list_quotes
from carelane.quotes.schemas import ConvertQuoteIn, QuoteFilters
from carelane.quotes.sending.actions import send_quote
from carelane.quotes.sending.schemas import SendQuoteIn
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import MAX_PAGE, Page
from carelane.web.routes import ActorRequest

routes = PageRoutes()

QUOTES_PATH = f"{PATH}/quotes"
_ONE = QUOTES_PATH + "/{quote_id:str}"

QuoteRef = Annotated[str, PathParameter(description="Id of the quote")]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE, description="Which page")]


@routes.get(QUOTES_PATH)
async def get_quotes(
    request: ActorRequest, services: NamedDependency[Services], number: PageNumber = 1
) -> Response[Any]:
    """The newest first."""
    asked = filters_of(request, "status", "patient")
    actor = request.auth
    patient_id = record_id(actor.organization_id, asked["patient"]) if "patient" in asked else None
    filters = QuoteFilters(status=one_of(asked, "status", QUOTE_STATES), patient_id=patient_id)
    found = await list_quotes(services, actor, filters, Page(PAGE_SIZE, (number - 1) * PAGE_SIZE))
    states = {code: shown.text for code, shown in QUOTE_STATES.items()}
    back, onward = common.pages(QUOTES_PATH, asked, number, found.total)
    fields = [choice(asked, "status", _("State"), states, _("any state"))]
    values = frame_of(actor, "quotes", fields, asked) | {
        "quotes": found.data,
        "total": found.total,
        "states": QUOTE_STATES,
        "currencies": await list_currencies(services, actor, [quote.id for quote in found.data]),
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/quotes.html", values, here="billing")


@routes.get(_ONE)
async def get_one(request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteRef) -> Response[Any]:
    """As its patient sees it, and what they answered."""
    return await _show(request, services, quote_id, Filled.of(method="email"))


async def _show(request: ActorRequest, services: Services, quote_id: str, form: Filled) -> Response[Any]:
    quote = await get_quote(services, request.auth, quote_id)
    currencies = await list_currencies(services, request.auth, [quote.id])
    values = views.quote_page(request.auth, quote, currencies[quote.id])
    return await page(request, services, "billing/quote.html", values, here="billing", form=form, notes=views.NOTES)


@routes.post(_ONE + "/send")
async def send(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], quote_id: QuoteRef
) -> Response[Any]:
    """The link to its page, by mail or text message."""
    try:
        await send_quote(services, request.auth, form.read(SendQuoteIn, quoteId=quote_id), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, quote_id, form.refused(error))
    return see_other(with_query(f"{QUOTES_PATH}/{quote_id}", done="sent"))


@routes.post(_ONE + "/charge")
async def charge(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], quote_id: QuoteRef
) -> Response[Any]:
    """What was accepted is owed from now on, at that price."""
    try:
        made = await convert_quote(services, request.auth, ConvertQuoteIn(quote_id=quote_id), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, quote_id, form.refused(error))
    return see_other(with_query(f"{PATH}/charges/{made.id}", done="made"))
