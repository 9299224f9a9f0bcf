"""The words of messages with links to receipts and bills: who writes, what it is, the link. Nothing about treatment, no amount: mail
and text messages are read in many places.
"""

from carelane.kit.languages import N_, _
from carelane.messages.schemas import Channel, Content
from carelane.messages.sms import MAX_TEXT_CHARACTERS

# Of the clinic's name in a text message, so that the link always fits.
_NAME_CHARACTERS = 100
_ALONE = N_("This link is for you alone. If you did not expect this message, you can ignore it.")
# Not the one character: it is not in GSM-7, and would make three parts of a text message seven.
_CUT = "..."


def write_receipt(clinic: str, url: str, channel: Channel, recipient: str) -> Content:
    subject = _("Your receipt from %(clinic)s") % {"clinic": line_of(clinic)}
    if channel == "SMS":
        return Content(recipient, text=_("Your receipt from %(clinic)s: %(url)s") % _short(clinic, url))
    return Content(recipient, subject, f"{_('%(what)s is here:') % {'what': subject}}\n{url}\n\n{_(_ALONE)}\n")


def write_bill(clinic: str, url: str, words: str, channel: Channel, recipient: str) -> Content:
    """`words` are what the clinic adds; in a text message as much of them as fits beside the link."""
    said = words.strip()
    if channel == "SMS":
        text = _("%(clinic)s asks you to pay here: %(url)s") % _short(clinic, url)
        room = MAX_TEXT_CHARACTERS - len(text) - 1
        if len(said) > room:
            said = f"{said[: room - len(_CUT)]}{_CUT}" if room > len(_CUT) else ""
        return Content(recipient, text=f"{text}\n{said}" if said else text)
    parts = [_("%(clinic)s asks you to pay.") % {"clinic": line_of(clinic)}]
    parts += [said] if said else []
    parts += [f"{_('You can see what it is for and pay it here:')}\n{url}", _(_ALONE)]
    return Content(recipient, _("A bill from %(clinic)s") % {"clinic": line_of(clinic)}, "\n\n".join(parts) + "\n")


def _short(clinic: str, url: str) -> dict[str, str]:
    """For a text message."""
    return {"clinic": line_of(clinic)[:_NAME_CHARACTERS], "url": url}


def values_of(clinic: str, first_name: str | None, url: str) -> dict[str, str | None]:
    """What the clinic's own words may name."""
    return {"clinic": line_of(clinic), "firstName": first_name and line_of(first_name), "link": url}


def line_of(text: str) -> str:
    return " ".join(text.split())
