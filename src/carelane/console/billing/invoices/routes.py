"""`/console/billing/invoices`"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.bills.invoices.actions import retry_send, send_now
from carelane.bills.invoices.reads import list_desk_invoices
from carelane.bills.invoices.schemas import OVER, InvoiceFilters, InvoiceOut
from carelane.console.billing import views as common
from carelane.console.billing.states import INVOICE_MESSAGES, INVOICE_STATES
from carelane.console.billing.views import PAGE_SIZE, PATH, Asked, Filter, choice, days, frame_of, one_of, span_of
from carelane.console.filters import filters_of
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.kit.auth import Actor
from carelane.kit.errors import InvalidRequestError
from carelane.kit.languages import N_, _
from carelane.kit.names import fold_name
from carelane.permissions import BILLING_WRITE
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.idempotency import RequestKey
from carelane.web.paging import MAX_PAGE, Page
from carelane.web.routes import ActorRequest

routes = PageRoutes()

INVOICES_PATH = f"{PATH}/invoices"
NOTES = {"sent": N_("It is on its way to the patient.")}
_FILTERS = ("status", "name", "from", "until")

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE, description="Which page")]
Send = Callable[[Services, Actor, str, RequestKey | None], Awaitable[InvoiceOut]]


@routes.get(INVOICES_PATH)
async def get_invoices(
    request: ActorRequest, services: NamedDependency[Services], number: PageNumber = 1
) -> Response[Any]:
    """Sent last first."""
    return await _show(request, services, filters_of(request, *_FILTERS), number, None)


@routes.post(f"{INVOICES_PATH}/send")
async def send(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Once more, or at last."""
    return await _send(request, services, form, send_now)


@routes.post(f"{INVOICES_PATH}/retry")
async def retry(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """One that did not arrive."""
    return await _send(request, services, form, retry_send)


async def _send(request: ActorRequest, services: Services, form: Form, act: Send) -> Response[Any]:
    """Back to the list as it was."""
    asked = {name: form.get(name) for name in _FILTERS if form.get(name)}
    number = int(form.get("page")) if form.get("page").isdecimal() and len(form.get("page")) < 5 else 1
    number = min(max(number, 1), MAX_PAGE)
    try:
        await act(services, request.auth, form.get("invoiceId"), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, asked, number, form.refused(error))
    return see_other(with_query(INVOICES_PATH, **asked, page=number if number > 1 else None, done="sent"))


async def _show(
    request: ActorRequest, services: Services, asked: Asked, number: int, form: Filled | None
) -> Response[Any]:
    try:
        filters = _filters(asked)
    except InvalidRequestError:
        if form is None:
            raise
        # What came back with a form, and is no filter, is left out.
        asked, filters = {}, _filters({})
    listed = await list_desk_invoices(services, request.auth, filters, Page(PAGE_SIZE, (number - 1) * PAGE_SIZE))
    back, onward = common.pages(INVOICES_PATH, asked, number, listed.found.total)
    values = frame_of(request.auth, "invoices", _fields(asked), asked) | {
        "invoices": listed.found.data,
        "test_ids": listed.test_ids,
        "total": listed.found.total,
        "states": INVOICE_STATES,
        "messages": INVOICE_MESSAGES,
        "over": OVER,
        "kept": {**asked, "page": str(number)},
        "may_send": request.auth.may(BILLING_WRITE),
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/invoices.html", values, here="billing", form=form, notes=NOTES)


def _filters(asked: Asked) -> InvoiceFilters:
    """Raises InvalidRequestError."""
    span, status, name = span_of(asked), one_of(asked, "status", INVOICE_STATES), asked.get("name")
    return InvoiceFilters(
        statuses=[status] if status else None,
        patient_name=(fold_name(name) or name) if name else None,
        sent_from=span.begins_at,
        sent_until=span.ends_at,
    )


def _fields(asked: Asked) -> list[Filter]:
    states = {code: shown.text for code, shown in INVOICE_STATES.items()}
    return [
        choice(asked, "status", _("State"), states, _("any state")),
        Filter(name="name", label=_("Patient"), value=asked.get("name", "")),
        *days(asked),
    ]
