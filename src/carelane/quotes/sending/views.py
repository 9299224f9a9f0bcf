"""The words of a message with a quote: who writes, that there is one, what staff added, the link, until when. Nothing about
treatment: mail and text messages are read in many places.
"""

from datetime import datetime

import msgspec

from carelane.kit.formatting import moment_text
from carelane.kit.languages import _
from carelane.kit.phi import Phi
from carelane.kit.texts import one_line
from carelane.messages.sms import fitted


class Offer(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a message is written from. `message`: what staff added."""

    clinic: str
    first_name: str | None
    message: str | None
    url: str
    expires_at: datetime | None
    timezone: str


def values_of(offer: Offer) -> dict[str, str | None]:
    """What the words of the mail may name; they are in `messages/templates`."""
    return {
        "clinic": one_line(offer.clinic),
        "firstName": offer.first_name and one_line(offer.first_name),
        "link": offer.url,
        "message": (offer.message or "").strip(),
        "openUntil": moment_text(offer.expires_at, offer.timezone) if offer.expires_at else None,
    }


def sms_text(offer: Offer) -> str:
    """As short as it can be: the link stays whole, what staff wrote is cut to what fits."""
    name = f"{one_line(offer.first_name)}, " if offer.first_name else ""
    text = name + _("%(clinic)s has a quote for you: %(url)s") % {"clinic": one_line(offer.clinic), "url": offer.url}
    return fitted(text, offer.message)
