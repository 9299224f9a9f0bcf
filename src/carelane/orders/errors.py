"""What can go wrong when an order is placed (seed 001)."""

from uuid import UUID

from carelane.kit.errors import CarelaneError


class CaseDeniedError(CarelaneError):
    """Permission denied"""

    # Unknown, malformed, or another organization's: all alike.
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
