"""What can go wrong with carried answers."""

from carelane.kit.errors import CarelaneError


class NoSuchFormError(CarelaneError):
    """Form not found"""

    # Missing, not offered, or of another clinic: all alike.
    status = 404
    code = "VALIDATION_ERROR"
