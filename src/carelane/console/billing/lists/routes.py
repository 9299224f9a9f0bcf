"""`/console/billing/payments`, `/refunds` and `/credit`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.console.billing import views as common
from carelane.console.billing.states import CREDIT_STANDINGS, MEDIUMS, PAYMENT_STATES, REFUND_STATES
from carelane.console.billing.views import PAGE_SIZE, PATH, Asked, Filter, choice, days, frame_of, one_of, span_of
from carelane.console.filters import filters_of
from carelane.console.frame import page
from carelane.console.wording import capped
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.kit.languages import _
from carelane.kit.names import fold_name
from carelane.organizations.reads import get_currency
from carelane.payments.credits.reads import list_all_credits
from carelane.payments.credits.schemas import CreditFilter
from carelane.payments.listing.reads import list_desk_payments
from carelane.payments.listing.schemas import PaymentFilters
from carelane.payments.refunds.reads import list_all_refunds
from carelane.payments.refunds.schemas import RefundFilter
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import MAX_PAGE, Page, read_place
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE, description="Which page")]
After = Annotated[str | None, QueryParameter(description="Where the page before ended")]
# Counting goes no further there.
_MOST_PAYMENTS = 10_000


@routes.get(f"{PATH}/payments")
async def get_payments(
    request: ActorRequest, services: NamedDependency[Services], number: PageNumber = 1
) -> Response[Any]:
    """The newest first."""
    asked = filters_of(request, "status", "medium", "from", "until", "name", "patient", "min", "max")
    filters = _payment_filters(request.auth, asked, await get_currency(services, request.auth))
    wanted = Page(PAGE_SIZE, (number - 1) * PAGE_SIZE)
    listed = await list_desk_payments(services, request.auth, filters, wanted)
    found = listed.items
    back, onward = common.pages(f"{PATH}/payments", asked, number, found.total)
    values = frame_of(request.auth, "payments", _payment_fields(asked), asked) | {
        "payments": found.data,
        "test_ids": listed.test_ids,
        "total": capped(found.total, _MOST_PAYMENTS),
        "states": PAYMENT_STATES,
        "mediums": MEDIUMS,
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/payments.html", values, here="billing")


def _payment_filters(actor: Actor, asked: Asked, currency: str) -> PaymentFilters:
    """Raises InvalidRequestError."""
    span, status, name = span_of(asked), one_of(asked, "status", PAYMENT_STATES), asked.get("name")
    return PaymentFilters(
        patient_id=record_id(actor.organization_id, asked["patient"]) if "patient" in asked else None,
        payer=(fold_name(name) or name) if name else None,
        amount=common.amounts_of(asked, currency),
        mediums=[asked["medium"]] if "medium" in asked else None,
        statuses=[status] if status else None,
        created_from=span.begins_at,
        created_until=span.ends_at,
    )


def _payment_fields(asked: Asked) -> list[Filter]:
    states = {code: shown.text for code, shown in PAYMENT_STATES.items()}
    return [
        choice(asked, "status", _("State"), states, _("any state")),
        choice(asked, "medium", _("How"), MEDIUMS, _("any way")),
        Filter(name="name", label=_("Patient"), value=asked.get("name", "")),
        *days(asked),
        Filter(name="min", label=_("From amount"), value=asked.get("min", ""), kind="money"),
        Filter(name="max", label=_("To amount"), value=asked.get("max", ""), kind="money"),
    ]


@routes.get(f"{PATH}/refunds")
async def get_refunds(request: ActorRequest, services: NamedDependency[Services], after: After = None) -> Response[Any]:
    """Granted last first."""
    asked = filters_of(request, "status", "from", "until")
    span, place = span_of(asked), read_place("after", after)
    status = one_of(asked, "status", REFUND_STATES)
    wanted = RefundFilter(status=status, granted_from=span.begins_at, granted_until=span.ends_at, after=place)
    found = await list_all_refunds(services, request.auth, wanted, PAGE_SIZE)
    states = {code: shown.text for code, shown in REFUND_STATES.items()}
    fields = [choice(asked, "status", _("State"), states, _("any state")), *days(asked)]
    back, onward = common.after(f"{PATH}/refunds", asked, found.next, is_first=place is None)
    values = frame_of(request.auth, "refunds", fields, asked) | {
        "refunds": found.refunds,
        "states": REFUND_STATES,
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/refunds.html", values, here="billing")


@routes.get(f"{PATH}/credit")
async def get_credit(request: ActorRequest, services: NamedDependency[Services], after: After = None) -> Response[Any]:
    """The newest first."""
    asked = filters_of(request, "standing", "from", "until")
    span, place = span_of(asked), read_place("after", after)
    standing = one_of(asked, "standing", CREDIT_STANDINGS)
    wanted = CreditFilter(standing=standing, created_from=span.begins_at, created_until=span.ends_at, after=place)
    found = await list_all_credits(services, request.auth, wanted, PAGE_SIZE)
    fields = [choice(asked, "standing", _("State"), CREDIT_STANDINGS, _("any state")), *days(asked)]
    back, onward = common.after(f"{PATH}/credit", asked, found.next, is_first=place is None)
    values = frame_of(request.auth, "credit", fields, asked) | {
        "credits": found.credits,
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/credit.html", values, here="billing")
