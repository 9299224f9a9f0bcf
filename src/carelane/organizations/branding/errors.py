"""What can go wrong around branding."""

from carelane.kit.errors import CarelaneError


class StorefrontNotFoundError(CarelaneError):
    """No organization shows itself by this name"""

    status = 404
    code = "NOT_FOUND"
