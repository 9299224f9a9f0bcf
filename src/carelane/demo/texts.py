"""What the provider of text messages in the box took: patients read it there."""

import json
import re
import time
import urllib.request
from urllib.parse import urlsplit

TEXT_SECONDS = 30.0
_LOOK_SECONDS = 0.1


def await_match(texts_url: str, recipient: str, pattern: re.Pattern[str]) -> str:
    """The newest match in what was sent to that number, once there is one; empty if none comes within TEXT_SECONDS."""
    deadline = time.monotonic() + TEXT_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(texts_url, timeout=TEXT_SECONDS) as answer:  # noqa: S310 - our own simulator
            texts = [text["text"] for text in json.load(answer) if text["recipient"] == recipient]
        found = pattern.findall("\n".join(texts))
        if found:
            return str(found[-1])
        time.sleep(_LOOK_SECONDS)
    return ""


def await_link(texts_url: str, recipient: str, kind: str) -> str:
    """The path of the newest link: of `kind` "q" to a quote, "pay" to a payment."""
    return urlsplit(await_match(texts_url, recipient, re.compile(rf"https?://\S+/{kind}/\S+"))).path
