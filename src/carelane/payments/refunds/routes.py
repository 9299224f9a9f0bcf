"""/api/staff/payments/{id}/refunds and /api/staff/refunds: grant, send, cancel."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.payments.errors import PaymentNotFoundError
from carelane.payments.lines.schemas import RefundableItemsOut
from carelane.payments.refunds import actions, reads
from carelane.payments.refunds.errors import RefundNotFoundError, RefundStateError
from carelane.payments.refunds.schemas import RefundFilter, RefundIn, RefundOut, RefundPageOut
from carelane.payments.states import RefundStatus
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.paging import AFTER, PAGE_LIMIT, read_place
from carelane.web.periods import FIRST_DAY, LAST_DAY, TZ, read_span
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: payments")

PaymentId = Annotated[str, PathParameter(description="UUID of the payment")]
RefundId = Annotated[str, PathParameter(description="UUID of the refund")]


@routes.get("/billing/refunds", "List refunds of all payments")
async def list_all_refunds(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[RefundStatus | None, QueryParameter(description="Those that stand there")] = None,
    first: Annotated[str | None, FIRST_DAY] = None,
    last: Annotated[str | None, LAST_DAY] = None,
    tz: Annotated[str | None, TZ] = None,
    after: Annotated[str | None, AFTER] = None,
    limit: Annotated[int, PAGE_LIMIT] = 50,
) -> RefundPageOut:
    """Granted last first. `GRANTED` are those that wait for somebody who may send them. Holds no health information."""
    span = read_span(first, last, tz)
    wanted = RefundFilter(
        status=status, granted_from=span.begins_at, granted_until=span.ends_at, after=read_place("after", after)
    )
    return await reads.list_all_refunds(services, request.auth, wanted, limit)


@routes.get(
    "/payments/{payment_id:str}/refundable-items", "List what a payment paid for", errors=(PaymentNotFoundError,)
)
async def list_refundable_items(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> RefundableItemsOut:
    """The items of its charges, what each came to of the charge's total, and what of that did not go back yet. None of a payment that
    paid for nothing in items: of that an amount is given back."""
    return await reads.list_refundable_items(services, request.auth, payment_id)


@routes.post(
    "/payments/{payment_id:str}/refunds",
    "Grant a refund",
    errors=(PaymentNotFoundError, RefundStateError),
    repeatable=True,
)
async def grant_refund(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId, data: JSONBody[RefundIn]
) -> RefundOut:
    """Part of a payment, or all that can be refunded of it. No money moves before somebody sends it.

    What can be refunded is what was captured, less what went back, is in dispute or was granted before. A disputed payment is not
    refunded. `items` are ids of items that the payment paid for, and how many of each: the refund is what these came to, discounts and
    taxes included, and none of them goes back twice.
    """
    return await actions.grant_refund(services, request.auth, payment_id, data, await read_key(request))


@routes.post(
    "/refunds/{refund_id:str}/send",
    "Send a granted refund",
    errors=(RefundNotFoundError, RefundStateError),
    repeatable=True,
)
async def send_refund(request: ActorRequest, services: NamedDependency[Services], refund_id: RefundId) -> RefundOut:
    """The worker sends it to the gateway within moments; what is left is read again just before."""
    return await actions.send_refund(services, request.auth, refund_id, await read_key(request))


@routes.post(
    "/refunds/{refund_id:str}/cancel",
    "Cancel a granted refund",
    errors=(RefundNotFoundError, RefundStateError),
    repeatable=True,
)
async def cancel_refund(request: ActorRequest, services: NamedDependency[Services], refund_id: RefundId) -> RefundOut:
    """One that was not sent yet."""
    return await actions.cancel_refund(services, request.auth, refund_id, await read_key(request))
