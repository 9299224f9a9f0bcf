"""/api/staff/payments/{id}/refunds and /api/staff/refunds: grant, send, cancel."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.payments.errors import PaymentNotFoundError
from carelane.payments.refunds import actions
from carelane.payments.refunds.errors import RefundNotFoundError, RefundStateError
from carelane.payments.refunds.schemas import RefundIn, RefundOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: payments")

PaymentId = Annotated[str, PathParameter(description="UUID of the payment")]
RefundId = Annotated[str, PathParameter(description="UUID of the refund")]


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
    refunded.
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
