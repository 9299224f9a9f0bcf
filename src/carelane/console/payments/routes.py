"""One payment and the forms on it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.amounts import cents_of, require_amount, spoken
from carelane.console.cases.states import payment_state
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.payments import views
from carelane.kit.formatting import sign_of
from carelane.kit.languages import N_
from carelane.payments.desk.reads import explain_payment, get_payment, get_payment_to_refund, get_payment_to_send
from carelane.payments.desk.schemas import PaymentDetailOut
from carelane.payments.lines.schemas import RefundableItemOut
from carelane.payments.refunds.actions import cancel_refund, grant_refund, send_refund
from carelane.payments.refunds.errors import RefundNotFoundError, RefundStateError
from carelane.payments.refunds.reads import list_refundable_items
from carelane.payments.refunds.schemas import RefundOut
from carelane.permissions import BILLING_READ, PAYMENTS_REFUND
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PAYMENTS_PATH = "/console/payments"
PaymentId = Annotated[str, PathParameter(description="UUID of the payment")]
NOTES = {
    "granted": N_("The refund is granted. No money moves before somebody sends it."),
    "sent": N_("The refund is on its way. It reaches the card in 5 to 10 days."),
    "canceled": N_("The refund was taken back. No money moved."),
}
_TOLD = (*REFUSALS, RefundStateError)


@routes.get(PAYMENTS_PATH + "/{payment_id:str}")
async def get_payment_page(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> Response[Any]:
    """Where it stands, what went back, and what can."""
    return await _show(request, services, payment_id, None)


@routes.post(PAYMENTS_PATH + "/{payment_id:str}/refund")
async def grant(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], payment_id: PaymentId
) -> Response[Any]:
    """Grants it; the amount is typed twice."""
    try:
        payment = await get_payment_to_refund(services, request.auth, payment_id)
        await grant_refund(services, request.auth, payment_id, views.refund_of(form, payment), form.key(request))
    except _TOLD as error:
        return await _show(request, services, payment_id, form.refused(error))
    return see_other(with_query(f"{PAYMENTS_PATH}/{payment.id}", done="granted"))


@routes.post(PAYMENTS_PATH + "/{payment_id:str}/refund-items")
async def grant_items(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], payment_id: PaymentId
) -> Response[Any]:
    """Grants what the chosen items come to, which is typed."""
    try:
        payment = await get_payment_to_refund(services, request.auth, payment_id)
        body = views.refund_of_items(views.chosen(form), payment.currency)
        await grant_refund(services, request.auth, payment_id, body, form.key(request))
    except _TOLD as error:
        return await _show(request, services, payment_id, views.refused(form, error))
    return see_other(with_query(f"{PAYMENTS_PATH}/{payment.id}", done="granted"))


@routes.post(PAYMENTS_PATH + "/{payment_id:str}/send-refund")
async def send(
    request: ActorRequest,
    services: NamedDependency[Services],
    form: NamedDependency[Form],
    payment_id: PaymentId,
) -> Response[Any]:
    """Sends what was granted; the amount is typed again."""
    try:
        payment = await get_payment_to_send(services, request.auth, payment_id)
        cents = cents_of(_refund_of(payment, form.get("refundId")).amount, payment.currency) or 0
        require_amount(form, "again", cents, payment.currency)
        await send_refund(services, request.auth, form.get("refundId"), form.key(request))
    except _TOLD as error:
        return await _show(request, services, payment_id, form.refused(error))
    return see_other(with_query(f"{PAYMENTS_PATH}/{payment.id}", done="sent"))


@routes.post(PAYMENTS_PATH + "/{payment_id:str}/cancel-refund")
async def cancel(
    request: ActorRequest,
    services: NamedDependency[Services],
    form: NamedDependency[Form],
    payment_id: PaymentId,
) -> Response[Any]:
    """Takes back what was granted and not sent."""
    try:
        payment = await get_payment_to_refund(services, request.auth, payment_id)
        _refund_of(payment, form.get("refundId"))
        await cancel_refund(services, request.auth, form.get("refundId"), form.key(request))
    except _TOLD as error:
        return await _show(request, services, payment_id, form.refused(error))
    return see_other(with_query(f"{PAYMENTS_PATH}/{payment.id}", done="canceled"))


def _refund_of(payment: PaymentDetailOut, refund_id: str) -> RefundOut:
    """Raises RefundNotFoundError when it is another payment's."""
    found = next((refund for refund in payment.refunds if str(refund.id) == refund_id), None)
    if found is None:
        raise RefundNotFoundError
    return found


async def _items(request: ActorRequest, services: Services, payment: PaymentDetailOut) -> Sequence[RefundableItemOut]:
    """Those that can go back, for who may see what was bought and grants."""
    actor = request.auth
    if not (actor.may(BILLING_READ) and actor.may(PAYMENTS_REFUND)) or not float(payment.refundable) > 0:
        return []
    found = (await list_refundable_items(services, actor, str(payment.id))).items
    return [one for one in found if one.quantity_left > 0 and float(one.amount_left) > 0]


async def _show(request: ActorRequest, services: Services, payment_id: str, form: Filled | None) -> Response[Any]:
    payment = await get_payment(services, request.auth, payment_id)
    why = await explain_payment(services, request.auth, payment_id)
    values = {"payment": payment, "why": why, "reasons": views.REASONS}
    values |= {"says": partial(spoken, currency=payment.currency), "sign": sign_of(payment.currency)}
    values |= {"state": payment_state(payment.status, payment.stage), "refund_words": views.REFUNDS}
    values |= {"why_refunded": views.WHY, "not_owed": views.not_owed(payment)}
    items = await _items(request, services, payment)
    values |= {"items": items}
    usual = views.filled_in(payment, items) if form is None else form
    return await page(request, services, "payments/payment.html", values, here="billing", form=usual, notes=NOTES)
