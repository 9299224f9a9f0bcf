"""What can go wrong at the desk of payments."""

from carelane.kit.errors import CarelaneError


class PaymentStateError(CarelaneError):
    """The payment does not stand where this is possible"""

    # The detail names where it stands, and what is possible instead.
    status = 409
    code = "PAYMENT_STATE"
