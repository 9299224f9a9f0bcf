"""What can go wrong with payments."""

from carelane.kit.errors import CarelaneError


class PaymentsLaterError(CarelaneError):
    """Payments are not taken yet"""

    status = 501
    code = "NOT_IMPLEMENTED"

    def __init__(self) -> None:
        super().__init__("payments come with a later version; until then a case keeps the payment's reference")
