"""How a call to a gateway can end without an answer that helps."""

from carelane.payments.gateways.protocol import Intent


class GatewayError(Exception):
    """The message is one of our own words, fit for a log: never what was sent."""


class OutcomeUnknownError(GatewayError):
    """No usable answer: the gateway may have acted, or not. It is looked up before anything is sent again."""


class GatewayBusyError(GatewayError):
    """The gateway did not act, and says so (too many requests, or the same key is being worked on): the same again, later."""


class RefusedByGatewayError(GatewayError):
    """The gateway did not act and never will as it was asked: wrong key, unknown object, an object in another state."""

    def __init__(self, message: str, code: str | None = None) -> None:
        self.code = code
        super().__init__(message)


class DeclinedError(GatewayError):
    """The card says no. `intent` is what the gateway made of it, where it tells."""

    def __init__(self, decline_code: str, intent: Intent | None) -> None:
        self.decline_code = decline_code
        self.intent = intent
        super().__init__(decline_code)
