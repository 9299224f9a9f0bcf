"""From the address to one of the two accounts."""

from carelane.clinic.errors import GatewayModeNotFoundError
from carelane.clinic.gateway.schemas import Mode


def mode_of(text: str) -> Mode:
    """Raises GatewayModeNotFoundError."""
    if text == "test":
        return "test"
    if text == "live":
        return "live"
    raise GatewayModeNotFoundError
