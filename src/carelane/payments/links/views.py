"""The words of a message with a payment's link: who writes, that a payment needs the patient, the link. Nothing about treatment, no
amount: mail and text messages are read in many places.
"""

from datetime import datetime

import msgspec

from carelane.kit.formatting import day_text
from carelane.kit.languages import _
from carelane.kit.phi import Phi
from carelane.kit.texts import one_line
from carelane.messages.sms import short_name


class Call(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a message is written from."""

    clinic: str
    needs_card: bool
    # Whether one was declined, or there is none yet.
    was_tried: bool
    url: str
    ends_at: datetime
    timezone: str
    support: str | None
    first_name: str | None = None


def sms_text(call: Call) -> str:
    return _("Your payment to %(clinic)s needs you: %(url)s") % {"clinic": short_name(call.clinic), "url": call.url}


def values_of(call: Call) -> dict[str, str | None]:
    """What the words of the mail may name; they are in `messages/templates`."""
    return {
        "clinic": one_line(call.clinic),
        "firstName": call.first_name and one_line(call.first_name),
        "link": call.url,
        "reason": _wanted(call),
        "goodUntil": day_text(call.ends_at, call.timezone),
        "support": call.support and one_line(call.support),
    }


def _wanted(call: Call) -> str:
    if not call.needs_card:
        return _("Your bank wants you to confirm it. You can do that here:")
    if call.was_tried:
        return _("The card could not be charged. You can pay with another card here:")
    return _("The clinic has no card of yours that it can charge. You can enter one here:")
