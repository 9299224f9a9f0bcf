"""Replaces what differs from run to run (ids, moments, tokens) by something stable, so that a page changes only when the
program's behaviour does.
"""

import re

from carelane.demo.data import DEMO_FILE

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

_RANDOM_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
# Places in the feed: as members of an answer, and as the parameter that asks for what is behind one.
_POSITION = re.compile(r'(?<="position": )\d+|(?<="after": )\d+|(?<=[?&]after=)\d+')
_FIRST_POSITION = 41
_WORDS = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), "YOUR_ACCESS_TOKEN"),
    (re.compile(r"\bcvt_[\w-]+"), "YOUR_SESSION_TOKEN"),
    (re.compile(r"\bcvr_[\w-]+"), "YOUR_REFRESH_TOKEN"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_THE_SECRET_OF_THE_ENDPOINT"),
    (re.compile(r"\bcv([ksp])_[\w-]{43}(?![\w-])"), r"cv\1_THE_SECRET_SHOWN_ONCE"),
    (re.compile(r"\b[0-9a-f]{32}@staff\.example"), "nora.berg@staff.example"),
    (re.compile(r'(?<="version": ")[0-9a-f]{16}(?=")'), "4a500b3f7b710e7d"),
    (re.compile(r"\bt=\d+,v1=[0-9a-f]{64}\b"), "t=1772443800,v1=THE_SIGNATURE"),
    (re.compile(r"/documents/[\w-]{40,}"), "/documents/TOKEN_OF_THE_LINK"),
    (re.compile(r"/bill/(receipts/)?[\w-]{60,80}(?![\w-])"), r"/bill/\1TOKEN_OF_THE_LINK"),
    (re.compile(r'(?<="sessionKey": ")[\w-]{60,80}(?=")'), "TOKEN_OF_THE_LINK"),
    (re.compile(r"/a/[\w-]{64,66}(?![\w-])"), "/a/TOKEN_OF_THE_LINK"),
    # Midnight is what a page asks for.
    (re.compile(r"\b20\d\d-\d\d-\d\dT(?!00:00:00Z)\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "2026-03-02T09:30:00Z"),
    (re.compile(r"\b(HAR|OWN)-[A-Z]{6}\b"), r"\1-TOSXMB"),
    (re.compile(r'(?<="totp": ")\d{6}(?=")'), "123456"),
    (re.compile(r'(?<="durationMilliseconds": )\d+'), "120"),
)
# Of records that have no column for it: told apart on a page, whatever they say.
_VERSION = re.compile(r'(?<="version": ")[0-9a-f]{20}(?=")')
# The demo data's file gives these ids, and the pages send the unknown one on purpose.
_GIVEN_IDS = {UNKNOWN_ID, *_RANDOM_ID.findall(DEMO_FILE.read_text())}


class Stable:
    """For one page: the same id or place is the same on all of it."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._positions: dict[str, str] = {"0": "0"}
        self._versions: dict[str, str] = {}

    def hide(self, secret: str, name: str) -> None:
        self._secrets[secret] = name

    def text(self, text: str) -> str:
        for secret, name in self._secrets.items():
            text = text.replace(secret, name)
        for pattern, word in _WORDS:
            text = pattern.sub(word, text)
        text = _VERSION.sub(lambda match: self._version(match[0]), text)
        return _POSITION.sub(self._position, _RANDOM_ID.sub(self._id, text))

    def _version(self, found: str) -> str:
        return self._versions.setdefault(found, f"{len(self._versions) + 1:020x}")

    def _id(self, match: re.Match[str]) -> str:
        """The ids of the demo data stay; the others are numbered in the order in which they appear."""
        found = match[0]
        if found in _GIVEN_IDS:
            return found
        return self._ids.setdefault(found, f"01900000-0000-7000-8000-{len(self._ids) + 1:012}")

    def _position(self, match: re.Match[str]) -> str:
        return self._positions.setdefault(match[0], str(_FIRST_POSITION + len(self._positions) - 1))
