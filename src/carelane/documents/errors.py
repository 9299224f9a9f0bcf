"""What can go wrong around documents."""

from carelane.kit.errors import CarelaneError


class DocumentNotFoundError(CarelaneError):
    """No such document"""

    # A link that was never issued, one that was changed, and a deleted document must be indistinguishable.
    status = 404
    code = "NOT_FOUND"


class LinkExpiredError(CarelaneError):
    """This link has expired; ask for a new one"""

    status = 410
    code = "LINK_EXPIRED"


class DocumentsTooLargeError(CarelaneError):
    """Invalid request"""

    # Base64 would make the answer larger than is good for either side.
    status = 400
    code = "VALIDATION_ERROR"
