"""What can go wrong with a message."""

from carelane.kit.errors import CarelaneError


class SendError(Exception):
    """The message did not leave, or nobody knows. The text is our own words: never the recipient or what was to be sent.

    `is_final`: trying again is of no use.
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(message)


class MessageNotFoundError(CarelaneError):
    """No such message"""

    # Unknown, malformed, or another organization's: all alike.
    status = 404
    code = "MESSAGE_NOT_FOUND"


class MessageStateError(CarelaneError):
    """The message cannot be sent again"""

    # The detail says why.
    status = 409
    code = "MESSAGE_STATE"
