"""The paths of the dialect by which money moves. Carelane takes no payments yet, and says so instead of answering 404."""

from litestar.di import NamedDependency

from carelane.payments.actions import take_payment
from carelane.payments.errors import PaymentsLaterError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments")
legacy_routes = Routes(tag="Payments")


@routes.post("/payments/intent", "Make a payment intent (not yet)", errors=(PaymentsLaterError,), repeatable=True)
async def make_payment_intent(request: ActorRequest, services: NamedDependency[Services]) -> None:
    """Answers 501: payments come with a later version."""
    await take_payment(services, request.auth)


@routes.post("/payments/setup", "Make a setup intent (not yet)", errors=(PaymentsLaterError,), repeatable=True)
async def make_setup_intent(request: ActorRequest, services: NamedDependency[Services]) -> None:
    """Answers 501: payments come with a later version."""
    await take_payment(services, request.auth)


@routes.post(
    "/customer-payment-confirmation", "Record a payment (not yet)", errors=(PaymentsLaterError,), repeatable=True
)
async def confirm_payment(request: ActorRequest, services: NamedDependency[Services]) -> None:
    """Answers 501: payments come with a later version."""
    await take_payment(services, request.auth)


@legacy_routes.post(
    "/initiatePayment", "Make a setup intent, key in the body (not yet)", errors=(PaymentsLaterError,), repeatable=True
)
async def initiate_payment(request: ActorRequest, services: NamedDependency[Services]) -> None:
    """Answers 501: payments come with a later version."""
    await take_payment(services, request.auth)
