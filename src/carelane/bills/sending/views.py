"""The words of messages with links to receipts and bills: who writes, what it is, the link. Nothing about treatment, no amount: mail
and text messages are read in many places.
"""

from carelane.kit.languages import N_, _
from carelane.kit.texts import one_line
from carelane.messages.schemas import Channel, Content
from carelane.messages.sms import fitted, short_name

_ALONE = N_("This link is for you alone. If you did not expect this message, you can ignore it.")


def write_receipt(clinic: str, url: str, channel: Channel, recipient: str) -> Content:
    subject = _("Your receipt from %(clinic)s") % {"clinic": one_line(clinic)}
    if channel == "SMS":
        text = _("Your receipt from %(clinic)s: %(url)s") % {"clinic": short_name(clinic), "url": url}
        return Content(recipient, text=text)
    return Content(recipient, subject, f"{_('%(what)s is here:') % {'what': subject}}\n{url}\n\n{_(_ALONE)}\n")


def write_bill(clinic: str, url: str, words: str, channel: Channel, recipient: str) -> Content:
    """`words` are what the clinic adds; in a text message as much of them as fits beside the link."""
    said = words.strip()
    if channel == "SMS":
        text = _("%(clinic)s asks you to pay here: %(url)s") % {"clinic": short_name(clinic), "url": url}
        return Content(recipient, text=fitted(text, said))
    parts = [_("%(clinic)s asks you to pay.") % {"clinic": one_line(clinic)}]
    parts += [said] if said else []
    parts += [f"{_('You can see what it is for and pay it here:')}\n{url}", _(_ALONE)]
    return Content(recipient, _("A bill from %(clinic)s") % {"clinic": one_line(clinic)}, "\n\n".join(parts) + "\n")


def values_of(clinic: str, first_name: str | None, url: str) -> dict[str, str | None]:
    """What the clinic's own words may name."""
    return {"clinic": one_line(clinic), "firstName": first_name and one_line(first_name), "link": url}
