"""The words of messages with links to receipts and bills: who writes, what it is, the link. Nothing about treatment, no amount: mail
and text messages are read in many places.
"""

from carelane.kit.languages import _
from carelane.kit.texts import one_line
from carelane.messages.sms import fitted, short_name


def receipt_text(clinic: str, url: str) -> str:
    """The text message."""
    return _("Your receipt from %(clinic)s: %(url)s") % {"clinic": short_name(clinic), "url": url}


def bill_text(clinic: str, url: str, words: str) -> str:
    """The text message. `words` are what the clinic adds: as much of them as fits beside the link."""
    return fitted(
        _("%(clinic)s asks you to pay here: %(url)s") % {"clinic": short_name(clinic), "url": url}, words.strip()
    )


def values_of(clinic: str, first_name: str | None, url: str) -> dict[str, str | None]:
    """What the words of the mail may name; they are in `messages/templates`."""
    return {"clinic": one_line(clinic), "firstName": first_name and one_line(first_name), "link": url}
