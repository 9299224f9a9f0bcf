"""What can go wrong when somebody signs in."""

from carelane.kit.errors import CarelaneError


class SignInRefusedError(CarelaneError):
    """Sign-in refused"""

    # One answer for every reason: which part was wrong, and whether the account exists or is locked, is not revealed.
    status = 401
    code = "SIGN_IN_REFUSED"

    def __init__(self) -> None:
        super().__init__(
            "the tenant, e-mail address, password or code is wrong, the code was used before, "
            "or there were too many failures: then wait, or ask an administrator to unlock the account"
        )


class PasswordWrongError(CarelaneError):
    """The current password is wrong"""

    # Or there were too many failures: which, is not told. The session stays.
    status = 422
    code = "PASSWORD_WRONG"
