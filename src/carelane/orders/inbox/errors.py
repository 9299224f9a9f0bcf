"""What can be wrong with what staff ask of the inbox."""

from carelane.kit.errors import CarelaneError


class CallbackNotFoundError(CarelaneError):
    """No such callback"""

    status = 404
    code = "CALLBACK_NOT_FOUND"


class CallbackJudgedError(CarelaneError):
    """The callback does not wait for an order"""

    status = 409
    code = "CALLBACK_JUDGED"
