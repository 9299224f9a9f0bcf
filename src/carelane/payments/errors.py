"""What can go wrong with payments."""

from carelane.kit.errors import CarelaneError

_UNTIL_THEN = "payments come with a later version; until then a case keeps the payment's reference"


class PaymentsLaterError(CarelaneError):
    """Payments are not taken yet"""

    status = 501
    code = "NOT_IMPLEMENTED"

    def __init__(self, detail: str = _UNTIL_THEN) -> None:
        super().__init__(detail)
