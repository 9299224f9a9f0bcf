"""What moves money. Carelane takes no payments yet, and says so."""

from typing import NoReturn

from carelane.kit.auth import Actor
from carelane.payments.errors import PaymentsLaterError
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services


@requires(CASES_WRITE)
async def take_payment(_services: Services, _actor: Actor) -> NoReturn:
    """Whichever of the paths it was. Raises PaymentsLaterError."""
    raise PaymentsLaterError
