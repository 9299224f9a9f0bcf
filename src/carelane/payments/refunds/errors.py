"""What can go wrong with a refund."""

from carelane.kit.errors import CarelaneError


class RefundNotFoundError(CarelaneError):
    """No such refund"""

    # Unknown, malformed and another organization's must be indistinguishable.
    status = 404
    code = "REFUND_NOT_FOUND"


class RefundStateError(CarelaneError):
    """This cannot be refunded now"""

    # The detail says why, and what is possible instead.
    status = 409
    code = "REFUND_STATE"
