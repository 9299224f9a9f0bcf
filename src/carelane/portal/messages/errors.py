"""What can go wrong with a patient's messages."""

from carelane.kit.errors import CarelaneError, RateLimitedError


class NoSuchCaseError(CarelaneError):
    """Case not found"""

    # Missing, of another patient or of another clinic: all alike.
    status = 404
    code = "VALIDATION_ERROR"


class CaseClosedError(CarelaneError):
    """The case is closed"""

    status = 409
    code = "CASE_CLOSED"


class TooManyMessagesError(RateLimitedError):
    """Too many messages; try again later"""
