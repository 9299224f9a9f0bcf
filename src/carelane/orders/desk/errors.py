"""What can be wrong with what staff ask of an order."""

from carelane.kit.errors import CarelaneError


class OrderNotFoundError(CarelaneError):
    """No such order"""

    # Unknown, malformed, or another organization's: all alike.
    status = 404
    code = "ORDER_NOT_FOUND"


class OrderStateError(CarelaneError):
    """The order does not stand where this is possible"""

    # The detail names where it stands, and what is possible instead.
    status = 409
    code = "ORDER_STATE"


class AlreadyReplacedError(CarelaneError):
    """The order was replaced before"""

    status = 409
    code = "ORDER_REPLACED"
