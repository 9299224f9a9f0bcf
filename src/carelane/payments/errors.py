"""What can go wrong with payments."""

from carelane.kit.errors import CarelaneError, UnavailableError


class PaymentNotFoundError(CarelaneError):
    """No such payment"""

    # Unknown, malformed and another organization's must be indistinguishable.
    status = 404
    code = "PAYMENT_NOT_FOUND"


class GatewayAwayError(UnavailableError):
    """Service unavailable"""

    # Nothing was written. The organization's rule is that nothing is, while the gateway cannot be asked.
    code = "GATEWAY_UNAVAILABLE"

    def __init__(
        self, detail: str = "the gateway cannot be asked about the payment just now; try again in a few seconds"
    ) -> None:
        super().__init__(detail)


class GatewayMissingError(CarelaneError):
    """No gateway is configured"""

    status = 400
    code = "GATEWAY_MISSING"

    def __init__(self, is_test: bool | None = None) -> None:
        money = "" if is_test is None else f" for {'test' if is_test else 'live'} money"
        super().__init__(
            f"the organization has no gateway account{money}; its operator adds one under `payments: gateways: stripe` in the "
            "organization file"
        )
