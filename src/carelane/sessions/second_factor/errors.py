"""What can go wrong with a second factor."""

from carelane.kit.errors import CarelaneError


class CodeWrongError(CarelaneError):
    """The code is wrong"""

    # Of the secret that is being set up.
    status = 422
    code = "CODE_WRONG"


class NothingPendingError(CarelaneError):
    """No second factor is being set up"""

    # It was set up meanwhile, perhaps in another window, or the ticket has ended: begin again.
    status = 409
    code = "NOTHING_PENDING"
