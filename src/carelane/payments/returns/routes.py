"""/billing/payment/refund."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.charges.money.schemas import BillingRefundOut
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.payments.returns import actions
from carelane.payments.returns.schemas import RefundPaymentIn, refund_problems
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)


@routes.post(
    "/billing/payment/refund",
    "Refund a payment",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    rules=refund_problems,
    repeatable=True,
)
async def refund_payment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[RefundPaymentIn]
) -> BillingRefundOut:
    """A part of it, or all that is left. To a card it is granted, and sent if the key may send, too; else a member of staff does, and it
    stays CREATED until then. With `items`, the ids of a charge's items, these go back: each once, at its part of the charge's total.
    What came in cash goes back in cash, what came from credit to the same credits, at once; `destination`
    says otherwise."""
    return await actions.refund_payment(services, request.auth, data, await read_key(request))
