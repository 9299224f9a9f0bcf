"""`/console/billing/charges`, one charge, and the forms on it"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.bills.invoices.actions import create_invoice
from carelane.bills.invoices.schemas import ManualInvoiceIn
from carelane.bills.links.reads import get_link
from carelane.charges.adjusting.actions import create_adjustment
from carelane.charges.adjusting.schemas import AdjustmentIn
from carelane.charges.changing.actions import archive_charge
from carelane.charges.desk import reads
from carelane.charges.desk.schemas import DeskChargeOut
from carelane.charges.owed.actions import void_charge, write_off_charge
from carelane.charges.owed.schemas import ReasonIn
from carelane.console.amounts import typed_cents
from carelane.console.billing.charges import views
from carelane.console.billing.charges.views import CHARGES_PATH
from carelane.console.billing.views import part, refused_part
from carelane.console.filters import filters_of
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.organizations.reads import get_currency
from carelane.payments.till.paying.actions import pay_from_credit, pay_in_cash
from carelane.permissions import BILLING_WRITE
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import MAX_PAGE
from carelane.web.routes import ActorRequest, base_url

routes = PageRoutes()

_ONE = CHARGES_PATH + "/{charge_id:str}"

ChargeId = Annotated[str, PathParameter(description="Id of the charge")]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE, description="Which page")]
Act = Callable[[Form], Awaitable[object]]


@routes.get(CHARGES_PATH)
async def get_charges(
    request: ActorRequest, services: NamedDependency[Services], number: PageNumber = 1
) -> Response[Any]:
    """The newest first."""
    asked = filters_of(request, *views.FILTERS)
    filters = views.filters_of(request.auth, asked, await get_currency(services, request.auth))
    found = await reads.list_desk_charges(services, request.auth, filters, views.page_of(number))
    values = views.list_page(request.auth, asked, found.charges, found.total, number)
    return await page(request, services, "billing/charges.html", values, here="billing", notes=views.NOTES)


@routes.get(_ONE)
async def get_charge(request: ActorRequest, services: NamedDependency[Services], charge_id: ChargeId) -> Response[Any]:
    """Lines, payments, adjustments, and what can be done."""
    return await show_charge(request, services, charge_id, Filled())


async def show_charge(request: ActorRequest, services: Services, ref: str, form: Filled) -> Response[Any]:
    """The page with a form on it as it was sent."""
    detail = await reads.get_desk_charge(services, request.auth, ref)
    link = await _link(request, services, detail)
    values = views.charge_page(request.auth, detail, link)
    return await page(request, services, "billing/charge.html", values, here="billing", form=form, notes=views.NOTES)


async def _link(request: ActorRequest, services: Services, detail: DeskChargeOut) -> str | None:
    """Where the patient pays what is outstanding, for whoever may ask for it."""
    if not detail.charge.total_outstanding or not request.auth.may(BILLING_WRITE):
        return None
    return await get_link(services, request.auth, detail.charge.patient.id, base_url(request, services))


@routes.post(_ONE + "/adjust")
async def adjust(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """More is owed, or less."""

    async def act(own: Form) -> None:
        cents = typed_cents(own, "amount", views.seen_in(form))
        signed = -cents if own.get("way") != "more" else cents
        body = own.read(AdjustmentIn, chargeId=charge_id, amount=signed)
        await create_adjustment(services, request.auth, body, form.key(request), views.check_of(form, own))

    return await _act(request, services, form, charge_id, ("adjust-", "adjusted"), act)


@routes.post(_ONE + "/void")
async def void(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """Nothing is owed after all; the amount is typed."""

    async def act(own: Form) -> None:
        check = views.check_of(form, own, "total")
        await void_charge(services, request.auth, charge_id, own.read(ReasonIn), form.key(request), check)

    return await _act(request, services, form, charge_id, ("void-", "voided"), act)


@routes.post(_ONE + "/write-off")
async def write_off(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """What is outstanding is not expected any more; it is typed."""

    async def act(own: Form) -> None:
        check = views.check_of(form, own, "outstanding")
        await write_off_charge(services, request.auth, charge_id, own.read(ReasonIn), form.key(request), check)

    return await _act(request, services, form, charge_id, ("off-", "written-off"), act)


@routes.post(_ONE + "/archive")
async def archive(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """It was never to be; the amount is typed."""

    async def act(own: Form) -> None:
        await archive_charge(services, request.auth, charge_id, views.check_of(form, own, "total"))

    return await _act(request, services, form, charge_id, ("archive-", "archived"), act, CHARGES_PATH)


@routes.post(_ONE + "/pay")
async def pay(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """What was handed over at the desk, or is taken of the patient's credit."""

    async def act(own: Form) -> None:
        detail = await reads.get_desk_charge(services, request.auth, charge_id)
        body = views.paid(detail, typed_cents(own, "amount", detail.currency))
        key, medium, check = form.key(request), own.get("medium"), views.check_of(form, own)
        if medium == "CREDIT":
            await pay_from_credit(services, request.auth, body, key, check)
        else:
            await pay_in_cash(services, request.auth, medium, None, body, key, check)

    return await _act(request, services, form, charge_id, ("pay-", "paid"), act)


@routes.post(_ONE + "/ask")
async def ask(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """Sends the patient the link to pay it. The link shows what is owed when it is followed, so nothing is held against the page."""

    async def act(own: Form) -> None:
        detail = await reads.get_desk_charge(services, request.auth, charge_id)
        more = {
            "patientId": detail.charge.patient.id,
            "charges": [{"id": str(detail.id)}],
            "message": own.get("message"),
        }
        await create_invoice(services, request.auth, own.read(ManualInvoiceIn, **more), form.key(request))

    return await _act(request, services, form, charge_id, ("ask-", "asked"), act)


async def _act(
    request: ActorRequest,
    services: Services,
    form: Form,
    ref: str,
    names: tuple[str, str],
    act: Act,
    then: str | None = None,
) -> Response[Any]:
    """What all forms of the page have in common: what is refused is shown on the page again."""
    prefix, done = names
    try:
        await act(part(form, prefix))
    except REFUSALS as error:
        return await show_charge(request, services, ref, refused_part(form, prefix, error))
    return see_other(with_query(then or f"{CHARGES_PATH}/{ref}", done=done))
