"""What can go wrong with orders, when they are placed (seed 001) and afterwards."""

from uuid import UUID

from carelane.kit.errors import CarelaneError


class CaseDeniedError(CarelaneError):
    """Permission denied"""

    # Unknown, malformed and another organization's must be indistinguishable.
    status = 403
    code = "PERMISSION_DENIED"


class OrderKeyUsedError(CarelaneError):
    """A record with the provided idempotencyKey already exists for this organization."""

    status = 409
    code = "IDEMPOTENCY_ERROR"

    def __init__(self, order_id: UUID | None = None) -> None:
        """`order_id`: the order that used the key, for a caller who asked to be told."""
        self.order_id = order_id
        super().__init__()


class OrderNotFoundError(CarelaneError):
    """No such order"""

    # Unknown, malformed and another organization's must be indistinguishable.
    status = 404
    code = "ORDER_NOT_FOUND"


class OrderStateError(CarelaneError):
    """The order does not stand where this is possible"""

    # The detail names its state, and what is possible instead.
    status = 409
    code = "ORDER_STATE"


class AlreadyReplacedError(CarelaneError):
    """The order was replaced before"""

    status = 409
    code = "ORDER_REPLACED"


class CallbackNotFoundError(CarelaneError):
    """No such callback"""

    status = 404
    code = "CALLBACK_NOT_FOUND"


class CallbackJudgedError(CarelaneError):
    """The callback does not wait for an order"""

    status = 409
    code = "CALLBACK_JUDGED"
