"""/billing/payment: archiving, moving, and the medium."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.charges.money.schemas import PaymentSummaryOut
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.payments.moves import actions
from carelane.payments.moves.schemas import MovePaymentIn, MoveToLocationIn, UpdateMediumIn
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)

_ERRORS = (RecordNotFoundError, ConflictError)
PaymentId = Annotated[str, PathParameter(description="Id of the payment")]


@routes.delete("/billing/payment/{payment_id:str}", "Archive a payment", errors=_ERRORS, repeatable=True)
async def archive_payment(request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId) -> bool:
    """It was not made after all: its charges are owed again, credit that it took is back, credit that it brought is gone. Only what
    was settled outside or from credit, and of which nothing was refunded."""
    return await actions.archive_payment(services, request.auth, payment_id, await read_key(request))


@routes.post("/billing/payment/move", "Move a payment to another patient", errors=_ERRORS, repeatable=True)
async def move_payment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[MovePaymentIn]
) -> PaymentSummaryOut:
    """With its charges. Not one from credit or that brought credit, nor a case's, nor while another payment is for the same charge."""
    return await actions.move_payment(services, request.auth, data, await read_key(request))


@routes.post("/billing/payment/move-to-location", "Move a payment to another location", errors=_ERRORS, repeatable=True)
async def move_payment_to_location(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[MoveToLocationIn]
) -> PaymentSummaryOut:
    """With its charges and refunds. Taxes stay those that were raised."""
    return await actions.move_to_location(services, request.auth, data, await read_key(request))


@routes.post("/billing/payment/update-medium", "Change how a payment came", errors=_ERRORS, repeatable=True)
async def update_payment_medium(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[UpdateMediumIn]
) -> PaymentSummaryOut:
    """Of what was settled outside, to another medium of that kind."""
    return await actions.update_medium(services, request.auth, data, await read_key(request))
