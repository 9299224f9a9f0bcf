"""What can go wrong with a confirmation."""

from carelane.kit.errors import CarelaneError


class PaidCaseNotFoundError(CarelaneError):
    """No Case found for provided details!"""

    # Unknown, malformed and another organization's must be indistinguishable.
    status = 404
    code = "NOT_FOUND"


class ConfirmationKeyUsedError(CarelaneError):
    """A record with the provided idempotencyKey already exists for this organization."""

    status = 409
    code = "IDEMPOTENCY_ERROR"
