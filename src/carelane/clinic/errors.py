"""What can go wrong for administrators."""

from carelane.kit.errors import CarelaneError


class CredentialNotFoundError(CarelaneError):
    """There is no such key or client"""

    # Not there, revoked or another organization's: all answer alike.
    status = 404
    code = "NOT_FOUND"


class PharmacySettingsNotFoundError(CarelaneError):
    """There is no such pharmacy"""

    status = 404
    code = "NOT_FOUND"


class GatewayModeNotFoundError(CarelaneError):
    """There is one account for test money and one for live money"""

    status = 404
    code = "NOT_FOUND"
