"""Handing a text message to a provider that speaks Twilio's API: one form, posted with the account and its token.

    POST {url}/2010-04-01/Accounts/{account}/Messages.json     To=…&From=…&Body=…

The provider may have taken a message whose answer was lost: whoever tries again may send it twice.
"""

import base64
from urllib.parse import quote, urlencode

import msgspec

from carelane.kit.http import Http, OutgoingError
from carelane.kit.texts import one_line
from carelane.messages.errors import SendError
from carelane.settings import Settings

TIMEOUT_SECONDS = 15.0
# Three parts of a long message, each paid for; a provider takes more, a reader does not.
MAX_TEXT_CHARACTERS = 459
# Not the one character: it is not in GSM-7, and would make three parts of a text message seven.
_CUT = "..."
# Of the clinic's name, so that the link always fits.
_NAME_CHARACTERS = 100
_MAX_ANSWER_BYTES = 65_536
# The provider's word that this message will never go, whoever sends it: a number that is none, a text it refuses.
_FINAL_STATUSES = frozenset({400, 422})


class SmsGateway(msgspec.Struct, frozen=True):
    """Where messages are handed over, and as whom."""

    url: str
    account: str
    token: str
    sender: str

    def __repr__(self) -> str:
        return "SmsGateway(***)"


def sms_gateway(settings: Settings) -> SmsGateway | None:
    """None while no text messages are sent."""
    url = settings.sms_url or settings.sms_simulator_url
    if url is None:
        return None
    return SmsGateway(url.rstrip("/"), settings.sms_account, settings.sms_token or "", settings.sms_from)


async def send(http: Http, gateway: SmsGateway, recipient: str, text: str) -> None:
    """Returns once the provider has taken the message. Raises SendError."""
    url = f"{gateway.url}/2010-04-01/Accounts/{quote(gateway.account, safe='')}/Messages.json"
    credentials = base64.b64encode(f"{gateway.account}:{gateway.token}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"To": recipient, "From": gateway.sender, "Body": text}).encode()
    try:
        answer = await http.send(
            "POST", url, headers=headers, body=body, timeout_seconds=TIMEOUT_SECONDS, most_bytes=_MAX_ANSWER_BYTES
        )
    except OutgoingError as error:
        raise SendError(str(error)) from error
    if not 200 <= answer.status < 300:
        raise SendError(f"the provider answered {answer.status}", is_final=answer.status in _FINAL_STATUSES)


def short_name(clinic: str) -> str:
    return one_line(clinic)[:_NAME_CHARACTERS]


def fitted(text: str, said: str | None) -> str:
    """`text` whole, and under it as much of what somebody wrote as fits beside it."""
    room, more = MAX_TEXT_CHARACTERS - len(text) - 1, (said or "").strip()
    if len(more) > room:
        more = f"{more[: room - len(_CUT)]}{_CUT}" if room > len(_CUT) else ""
    return f"{text}\n{more}" if more else text
