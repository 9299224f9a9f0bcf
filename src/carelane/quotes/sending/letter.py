"""The words of a message: who writes, that there is a quote, what staff added, the link, until when. Nothing about treatment:
mail and text messages are read in many places.
"""

from datetime import datetime

import msgspec

from carelane.kit.formatting import moment_text
from carelane.kit.phi import Phi
from carelane.texting.gateway import MAX_TEXT_CHARACTERS

# Not the one character: no telephone's basic alphabet has it, and it would make three parts of a text message seven.
_CUT = "..."


class Letter(Phi, msgspec.Struct, frozen=True, kw_only=True):
    clinic: str
    first_name: str | None
    message: str | None
    url: str
    expires_at: datetime | None
    timezone: str


def subject(letter: Letter) -> str:
    """One line, whatever the clinic is called."""
    return f"A quote from {_line(letter.clinic)}"


def mail_text(letter: Letter) -> str:
    parts = [f"{_line(letter.clinic)} has prepared a quote for you."]
    if letter.message and letter.message.strip():
        parts.append(letter.message.strip())
    parts.append(f"You can see it and answer it here:\n{letter.url}")
    if letter.expires_at is not None:
        parts.append(f"The quote is open until {moment_text(letter.expires_at, letter.timezone)}.")
    parts.append("This link is for you alone. If you did not expect this message, you can ignore it.")
    return "\n\n".join(parts) + "\n"


def sms_text(letter: Letter) -> str:
    """As short as it can be: the link stays whole, what staff wrote is cut to what fits."""
    name = f"{_line(letter.first_name)}, " if letter.first_name else ""
    text = f"{name}{_line(letter.clinic)} has a quote for you: {letter.url}"
    room = MAX_TEXT_CHARACTERS - len(text) - 1
    message = (letter.message or "").strip()
    if len(message) > room:
        message = f"{message[: room - len(_CUT)]}{_CUT}" if room > len(_CUT) else ""
    return f"{text}\n{message}" if message else text


def _line(text: str) -> str:
    return " ".join(text.split())
