"""What can go wrong between us and a pharmacy."""

from carelane.kit.errors import CarelaneError


class CallbackRefusedError(CarelaneError):
    """Unauthorized"""

    # The same for an unknown pharmacy and for a wrong signature.
    status = 401
    code = "UNAUTHORIZED"


class CallbackUnreadableError(CarelaneError):
    """The callback cannot be read"""

    status = 400
    code = "UNREADABLE"


class RetryLaterError(Exception):
    """The pharmacy said that it has not taken the message, for a reason that has nothing to do with the order; it may be tried
    again after `seconds`. `failure` is one of our own words."""

    def __init__(self, failure: str, http_status: int | None = None, seconds: float | None = None) -> None:
        self.failure = failure
        self.http_status = http_status
        self.seconds = seconds
        super().__init__(failure)
