"""What can go wrong around cases. Details name the case's state and members of staff, never the patient."""

from carelane.kit.errors import CarelaneError, ConflictError


class CaseConflictError(CarelaneError):
    """Case conflict"""

    # The patient has an open case, and forceCreate was not set.
    status = 409
    code = "CASE_CONFLICT"

    def __init__(self) -> None:
        super().__init__("the patient already has an open case; send forceCreate: true to create another")


class CaseKeyUsedError(CarelaneError):
    """A record with the provided idempotencyKey already exists for this organization."""

    status = 409
    code = "IDEMPOTENCY_ERROR"


class CaseNotFoundError(CarelaneError):
    """No Case found for provided details!"""

    # Unknown, malformed and another organization's must be indistinguishable.
    status = 404
    code = "NOT_FOUND"


class CaseClosedError(ConflictError):
    """The case is closed"""

    code = "CASE_CLOSED"


class CaseMoveError(CarelaneError):
    """The case's state does not allow this"""

    # The detail says how the case stands, and where the move is possible.
    status = 409
    code = "CASE_STATE"


class CaseNotOursError(CarelaneError):
    """Unauthorized"""

    # Of CHANGE_CASE_STATUS: unknown, malformed and another organization's must be indistinguishable.
    status = 401
    code = "UNAUTHORIZED"


class PatientNotNamedError(CarelaneError):
    """Email id not provided!"""

    status = 400
    code = "CASE_ERROR"


class CaseNotNamedError(CarelaneError):
    """caseId or email parameters must be provided!"""

    status = 400
    code = "VALIDATION_ERROR"


class ActRefusedError(ConflictError):
    """The case's state does not allow this"""

    # The detail says how the case stands now and which acts are possible.
    code = "CASE_STATE"


class CaseHeldError(ConflictError):
    """Somebody else has the case"""

    # The detail names who.
    code = "CASE_HELD"


class CaseChangedError(ConflictError):
    """The case changed since it was seen"""

    # The detail says which version it has now.
    code = "CASE_CHANGED"


class NothingToUndoError(ConflictError):
    """No decision can be undone any more"""

    # The detail says how the case stands.
    code = "NOTHING_TO_UNDO"


class AlreadyDecidedError(ConflictError):
    """Somebody has decided on this product already"""

    code = "ALREADY_DECIDED"
