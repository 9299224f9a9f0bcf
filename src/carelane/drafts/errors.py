"""What can go wrong around drafts."""

from carelane.kit.errors import CarelaneError


class RecordNotFoundError(CarelaneError):
    """No such record"""

    # An unknown record and another organization's are indistinguishable.
    status = 404
    code = "NOT_FOUND"
