"""What can go wrong with a patient's record."""

from carelane.kit.errors import CarelaneError


class PatientNotFoundError(CarelaneError):
    """No such patient"""

    status = 404
    code = "NOT_FOUND"
