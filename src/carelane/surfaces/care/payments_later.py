"""The paths of the dialect by which money moves. Carelane takes no payments yet, and says so instead of answering 404."""

from carelane.kit.errors import CarelaneError
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments")
legacy_routes = Routes(tag="Payments")


class PaymentsLaterError(CarelaneError):
    """Payments are not taken yet"""

    status = 501
    code = "NOT_IMPLEMENTED"

    def __init__(self) -> None:
        super().__init__("payments come with a later version; until then a case keeps the payment's reference")


@routes.post("/payments/intent", "Make a payment intent (not yet)", errors=(PaymentsLaterError,))
async def make_payment_intent(request: ActorRequest) -> None:  # noqa: ARG001 - the guard looks at it
    """Answers 501: payments come with a later version."""
    raise PaymentsLaterError


@routes.post("/payments/setup", "Make a setup intent (not yet)", errors=(PaymentsLaterError,))
async def make_setup_intent(request: ActorRequest) -> None:  # noqa: ARG001 - the guard looks at it
    """Answers 501: payments come with a later version."""
    raise PaymentsLaterError


@routes.post("/customer-payment-confirmation", "Record a payment (not yet)", errors=(PaymentsLaterError,))
async def confirm_payment(request: ActorRequest) -> None:  # noqa: ARG001 - the guard looks at it
    """Answers 501: payments come with a later version."""
    raise PaymentsLaterError


@legacy_routes.post("/initiatePayment", "Make a setup intent, key in the body (not yet)", errors=(PaymentsLaterError,))
async def initiate_payment(request: ActorRequest) -> None:  # noqa: ARG001 - the guard looks at it
    """Answers 501: payments come with a later version."""
    raise PaymentsLaterError
