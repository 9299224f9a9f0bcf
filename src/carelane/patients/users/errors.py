"""What can go wrong with users."""

from carelane.kit.errors import CarelaneError


class UserNotFoundError(CarelaneError):
    """User does not exist"""

    # Whether another clinic knows the address is nobody's business: there is one text, with the address that was sent.
    status = 400
    code = "USER_NOT_FOUND"


class UserExistsError(CarelaneError):
    """User already exists"""

    status = 400
    code = "EMAIL_EXISTS"


class UserAmbiguousError(CarelaneError):
    """Several users have this e-mail address"""

    status = 409
    code = "USER_AMBIGUOUS"
