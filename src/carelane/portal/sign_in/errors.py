"""What can go wrong while a patient signs in."""

from carelane.kit.errors import CarelaneError, RateLimitedError


class CodeRefusedError(CarelaneError):
    """Invalid verification code"""

    # The same for a wrong code, one that has expired, and an address that nobody has.
    status = 400
    code = "VALIDATION_ERROR"


class CodeUsedError(CarelaneError):
    """Verification code already used"""

    status = 400
    code = "VALIDATION_ERROR"


class TooManyCodesError(RateLimitedError):
    """Too many codes were asked for; try again later"""


class RefreshInvalidError(CarelaneError):
    """Invalid refresh token"""

    status = 401
    code = "REFRESH_INVALID"


class RefreshReusedError(CarelaneError):
    """Refresh token was used before; sign in again"""

    status = 401
    code = "REFRESH_REUSED"


class InvalidAccessTokenError(CarelaneError):
    """Invalid or expired token"""

    status = 401
    code = "VALIDATION_ERROR"
