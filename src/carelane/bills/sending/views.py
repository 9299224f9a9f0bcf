"""The words of messages with links to receipts and bills: who writes, what it is, the link. Nothing about treatment, no amount: mail
and text messages are read in many places.
"""

from carelane.messages.schemas import Channel, Content
from carelane.messages.sms import MAX_TEXT_CHARACTERS

# Of the clinic's name in a text message, so that the link always fits.
_NAME_CHARACTERS = 100
_ALONE = "This link is for you alone. If you did not expect this message, you can ignore it."
# Not the one character: it is not in GSM-7, and would make three parts of a text message seven.
_CUT = "..."


def write_receipt(clinic: str, url: str, channel: Channel, recipient: str) -> Content:
    subject = f"Your receipt from {line_of(clinic)}"
    if channel == "SMS":
        return Content(recipient, text=f"Your receipt from {line_of(clinic)[:_NAME_CHARACTERS]}: {url}")
    return Content(recipient, subject, f"{subject} is here:\n{url}\n\n{_ALONE}\n")


def write_bill(clinic: str, url: str, words: str, channel: Channel, recipient: str) -> Content:
    """`words` are what the clinic adds; in a text message as much of them as fits beside the link."""
    said = words.strip()
    if channel == "SMS":
        text = f"{line_of(clinic)[:_NAME_CHARACTERS]} asks you to pay here: {url}"
        room = MAX_TEXT_CHARACTERS - len(text) - 1
        if len(said) > room:
            said = f"{said[: room - len(_CUT)]}{_CUT}" if room > len(_CUT) else ""
        return Content(recipient, text=f"{text}\n{said}" if said else text)
    parts = [f"{line_of(clinic)} asks you to pay."]
    parts += [said] if said else []
    parts += [f"You can see what it is for and pay it here:\n{url}", _ALONE]
    return Content(recipient, f"A bill from {line_of(clinic)}", "\n\n".join(parts) + "\n")


def line_of(text: str) -> str:
    return " ".join(text.split())
