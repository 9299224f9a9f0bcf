"""What can go wrong with a patient's files."""

from carelane.kit.errors import CarelaneError


class NoSuchFileError(CarelaneError):
    """File not found"""

    # Missing, deleted, restricted, of another patient or another clinic: all alike.
    status = 404
    code = "VALIDATION_ERROR"


class CaseNotOwnError(CarelaneError):
    """You do not have access to this case"""

    # Another patient's, another clinic's, or none.
    status = 403
    code = "VALIDATION_ERROR"


class CaseClosedError(CarelaneError):
    """The case is closed"""

    status = 400
    code = "VALIDATION_ERROR"
