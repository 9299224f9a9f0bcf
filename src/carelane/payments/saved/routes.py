"""Payment methods: /billing/payment/methods, /user/patient/payment-methods, /billing/payment-terminal/create-payment-method-config."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.payments.errors import GatewayAwayError, GatewayMissingError
from carelane.payments.saved import actions, reads
from carelane.payments.saved.schemas import MethodConfigOut, MethodIn, PaymentMethodOut
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payment methods", body=EitherCaseBody)

OfPatient = Annotated[str | None, word("Whose; must be there")]


@routes.get("/billing/payment/methods", "List a patient's payment methods", errors=(RecordNotFoundError,))
async def list_payment_methods(
    request: ActorRequest, services: NamedDependency[Services], patient_id: OfPatient = None
) -> list[PaymentMethodOut]:
    """The cards that the patient can pay with, the newest first: whatever was set up with a case, on a page or here. Deleted ones
    are left out."""
    return await reads.list_methods(services, request.auth, patient_id)


@routes.post(
    "/user/patient/payment-methods/create",
    "Create a payment method",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError, GatewayMissingError, GatewayAwayError),
    repeatable=True,
)
async def create_payment_method(
    request: ActorRequest,
    services: NamedDependency[Services],
    data: JSONBody[MethodIn],
    patient_id: OfPatient = None,
) -> PaymentMethodOut:
    """Keeps the card that was entered into the gateway's own fields: `paymentMethodConfigId` (or `paymentMethodId`) is the setup
    intent that saved it. No card number is taken here. What can be shown of the card is asked of the gateway."""
    return await actions.keep_method(services, request.auth, patient_id, data, await read_key(request))


@routes.delete(
    "/user/patient/payment-methods/{payment_method_id:str}",
    "Delete a payment method",
    errors=(RecordNotFoundError, ConflictError),
)
async def archive_payment_method(
    request: ActorRequest,
    services: NamedDependency[Services],
    payment_method_id: Annotated[str, PathParameter(description="Id of the payment method")],
    patient_id: OfPatient = None,
) -> bool:
    """Nothing is paid with it any more. While a payment waits that is to be made with it, it is a 409."""
    return await actions.archive_method(services, request.auth, payment_method_id, patient_id)


@routes.post(
    "/billing/payment-terminal/create-payment-method-config",
    "Set up a card",
    errors=(RecordNotFoundError, GatewayMissingError, GatewayAwayError),
    repeatable=True,
)
async def create_payment_method_config(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Whose; without it a card for somebody who is not known yet")] = None,
) -> MethodConfigOut:
    """For the gateway's own card fields: `sessionKey` is the client secret of a new setup intent, `paymentMethodConfigId` its id.
    When the card was entered, `/user/patient/payment-methods/create` keeps it."""
    return await actions.make_config(services, request.auth, patient_id, await read_key(request))
