"""What can go wrong around staff."""

from carelane.kit.errors import CarelaneError


class MemberNotFoundError(CarelaneError):
    """Member not found"""

    status = 404
    code = "NOT_FOUND"
