"""POST /api/v1/payments/setup, POST /api/v1/payments/intent, and the first of them at its old address."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.payments.errors import GatewayAwayError, GatewayMissingError
from carelane.payments.storefront import actions
from carelane.payments.storefront.schemas import (
    InitiatedOut,
    InitiateIn,
    OptionalBody,
    PaymentIntentIn,
    PaymentIntentOut,
    SetupIn,
    SetupOut,
)
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

setup_routes = Routes(tag="Payments", body=OptionalBody)
routes = Routes(tag="Payments")
legacy_routes = Routes(tag="Payments")

_ERRORS = (GatewayMissingError, GatewayAwayError)


@setup_routes.post("/payments/setup", "Make a setup intent", errors=_ERRORS, repeatable=True)
async def make_setup_intent(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SetupIn | None] = None
) -> SetupOut:
    """The secret of a new setup intent, for a card that is charged later. The body may be left out."""
    return await actions.make_setup(services, request.auth, data or SetupIn(), await read_key(request))


@routes.post("/payments/intent", "Make a payment intent", errors=_ERRORS, repeatable=True)
async def make_payment_intent(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PaymentIntentIn]
) -> PaymentIntentOut:
    """The secret of a new payment intent. Where the organization verifies payments, its money is held until the case is approved."""
    return await actions.make_intent(services, request.auth, data, await read_key(request))


@legacy_routes.post("/initiatePayment", "Make a setup intent, key in the body", errors=_ERRORS, repeatable=True)
async def initiate_payment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[InitiateIn]
) -> InitiatedOut:
    """As `POST /api/v1/payments/setup`, at the address that storefronts used before; the key may come as `key` in the body."""
    return await actions.initiate(services, request.auth, data, await read_key(request))
