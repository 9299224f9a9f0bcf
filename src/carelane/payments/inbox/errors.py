"""What can be wrong with an event of a gateway."""

from carelane.kit.errors import CarelaneError


class EventRefusedError(CarelaneError):
    """The event is not signed by the gateway for this organization"""

    status = 400
    code = "SIGNATURE_INVALID"


class WrongModeError(CarelaneError):
    """The event is about the other kind of money"""

    status = 400
    code = "WRONG_MODE"
