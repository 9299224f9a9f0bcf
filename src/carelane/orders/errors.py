"""What can go wrong with orders, when they are placed (seed 001) and afterwards."""

from uuid import UUID

from carelane.kit.errors import CarelaneError, ConflictError


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


class OrderStateError(ConflictError):
    """The order does not stand where this is possible"""

    # The detail names its state, and what is possible instead.
    code = "ORDER_STATE"


class AlreadyReplacedError(ConflictError):
    """The order was replaced before"""

    code = "ORDER_REPLACED"


class CallbackNotFoundError(CarelaneError):
    """No such callback"""

    status = 404
    code = "CALLBACK_NOT_FOUND"


class CallbackJudgedError(ConflictError):
    """The callback does not wait for an order"""

    code = "CALLBACK_JUDGED"


class SimulatorSilentError(CarelaneError):
    """The pharmacy simulator gave no answer that can be used"""

    status = 503
    code = "SIMULATOR_SILENT"
