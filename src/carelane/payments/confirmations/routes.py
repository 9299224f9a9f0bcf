"""POST /api/v1/customer-payment-confirmation."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.payments.confirmations import actions
from carelane.payments.confirmations.errors import ConfirmationKeyUsedError, PaidCaseNotFoundError
from carelane.payments.confirmations.schemas import ConfirmationIn, ConfirmedOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments")


@routes.post(
    "/customer-payment-confirmation",
    "Record a payment that was made elsewhere",
    errors=(PaidCaseNotFoundError, ConfirmationKeyUsedError),
    repeatable=True,
)
async def confirm_payment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ConfirmationIn]
) -> ConfirmedOut:
    """Adds a payment that no gateway of the clinic took, or tells what became of one; orders that waited for it leave at once.

    `REFUND`, `IN_DISPUTE` and `LOST_DISPUTE` are about a payment that was told as `PAID` before, and never about more than that.
    An `idempotencyKey` is taken once: every repetition answers 409.
    """
    return await actions.confirm_payment(services, request.auth, data, await read_key(request))
