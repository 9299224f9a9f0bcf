"""What can go wrong around cases."""

from carelane.kit.errors import CarelaneError


class CaseConflictError(CarelaneError):
    """Case conflict"""

    # The patient has an open case, and forceCreate was not set.
    status = 409
    code = "CASE_CONFLICT"

    def __init__(self) -> None:
        super().__init__("the patient already has an open case; send forceCreate: true to create another")


class CaseNotFoundError(CarelaneError):
    """No Case found for provided details!"""

    # Unknown, malformed, or another organization's: all alike.
    status = 404
    code = "NOT_FOUND"


class CaseNotNamedError(CarelaneError):
    """caseId or email parameters must be provided!"""

    status = 400
    code = "VALIDATION_ERROR"
