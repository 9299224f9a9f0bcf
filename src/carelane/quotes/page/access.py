"""Who may open a quote's page: anyone with its link who, where the quote asks for it, shows that they are the patient. No I/O.

A link holds the organization and the quote, and which link of the quote it is, with an HMAC over all. Nothing is stored, and
nobody can guess one. It is good for as long as the quote is, and until a new one is made.

To show who they are, readers enter their last name and their date of birth, or, where the clinic has no date, the last four
digits of their phone number; a name the clinic does not have is not asked for. A patient with neither date nor number on file
cannot be asked, only called. A signed cookie remembers who has shown it, for one link and half an hour.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from carelane.kit import clock, links
from carelane.kit.auth import Actor
from carelane.kit.languages import _, ngettext
from carelane.kit.names import fold_name
from carelane.kit.phi import Phi
from carelane.kit.phones import digits_of, to_e164
from carelane.permissions import PATIENT
from carelane.quotes.page.queries import PageRow, Tries
from carelane.quotes.states import OPEN
from carelane.web.html.cookies import SignedCookie

PATH = "/q"
PHONE_DIGITS = 4
# After so many wrong tries the page is locked, each time for twice as long as the last time.
MAX_WRONG_TRIES = 5
LOCKED_MINUTES = 15
# After so many in all, right ones between them or not, for good: until the clinic sends a new link.
MAX_WRONG_IN_ALL = 30
LONGEST_LOCK = timedelta(minutes=240)
CLOCK_TOLERANCE = timedelta(minutes=1)
# The first link of a quote does not say which it is; those after it do, in three bytes.
_IDS_BYTES, _VERSION_BYTES = 32, 3
_BODY_BYTES_BY_CHARACTERS = {64: _IDS_BYTES, 68: _IDS_BYTES + _VERSION_BYTES}

# Its body is longer than any link's, so that none passes for another under their common key.
PASS = SignedCookie("carelane_quote", lifetime_seconds=1_800)

# What the page shows.
PageKind = Literal["not_sent", "replaced", "ended", "call", "closed", "locked", "verify", "open", "answered"]


class QuoteLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    quote_id: UUID
    version: int = 1

    def body(self) -> bytes:
        which = b"" if self.version == 1 else self.version.to_bytes(_VERSION_BYTES, "big")
        return self.organization_id.bytes + self.quote_id.bytes + which


class KnownPatient(Phi, msgspec.Struct, frozen=True):
    """What the clinic has on file, in the form it is compared in. Empty: not on file."""

    last_name: str
    birth: date | None
    phone_digits: str

    @property
    def asks_birth(self) -> bool:
        return self.birth is not None

    @property
    def asks_name(self) -> bool:
        return self.last_name != ""

    @property
    def can_be_asked(self) -> bool:
        return self.birth is not None or self.phone_digits != ""


class UnreadableError(Exception):
    """The form was not filled in so that it could be right, which does not count as a try."""


def token_of(key: bytes, link: QuoteLink) -> str:
    return links.sign(key, link.body(), links.SHORT_TAG_BYTES)


def url_of(key: bytes, public_url: str, link: QuoteLink) -> str:
    return f"{public_url.rstrip('/')}{PATH}/{token_of(key, link)}"


def base_path(public_url: str | None) -> str:
    """Where the pages are, for links among them: a public URL may have a path of its own."""
    return urlsplit(public_url or "").path.rstrip("/") + PATH


def read_link(key: bytes, token: str) -> QuoteLink | None:
    """None for a token that is not ours, without asking the database."""
    body_bytes = _BODY_BYTES_BY_CHARACTERS.get(len(token))
    body = links.read(key, token, body_bytes, links.SHORT_TAG_BYTES) if body_bytes else None
    if body is None:
        return None
    version = int.from_bytes(body[_IDS_BYTES:], "big") or 1
    return QuoteLink(UUID(bytes=body[:16]), UUID(bytes=body[16:_IDS_BYTES]), version)


def reader_of(link: QuoteLink, request_id: str | None) -> Actor:
    """The actor of a request with this link. Which patient it is follows from the quote."""
    return Actor(link.organization_id, "patient", scopes=PATIENT, request_id=request_id)


def page_kind(row: PageRow, link: QuoteLink, now: datetime, *, is_verified: bool) -> PageKind:
    """What may be shown. Anyone with the link may know that a quote has ended; everything else needs the proof."""
    if link.version != row.link_version:
        return "replaced"
    if row.status == "DRAFT":
        return "not_sent"
    if row.status == "EXPIRED" or (row.status in OPEN and row.expires_at is not None and row.expires_at <= now):
        return "ended"
    if row.requires_verification and not is_verified:
        return _closed_kind(row, now)
    return "open" if row.status in OPEN else "answered"


def _closed_kind(row: PageRow, now: datetime) -> PageKind:
    if not known_patient(row.last_name, row.date_of_birth, row.phone_number).can_be_asked:
        return "call"
    if row.is_closed:
        return "closed"
    is_locked = holds(row.verification_unlocks_at, now)
    return "locked" if is_locked else "verify"


def holds(unlocks_at: datetime | None, now: datetime) -> bool:
    """Whether a lock holds. One that ends later than the longest can was made by a clock that was ahead."""
    return unlocks_at is not None and now < unlocks_at <= now + LONGEST_LOCK + CLOCK_TOLERANCE


def known_patient(last_name: str | None, birth: date | None, phone_number: str | None) -> KnownPatient:
    return KnownPatient(plain_name(last_name or ""), birth, _last_digits(phone_number or ""))


def is_right(known: KnownPatient, form: Mapping[str, str]) -> bool:
    """Raises UnreadableError, whose text is for the reader."""
    is_same = _birth_of(form) == known.birth if known.asks_birth else _digits_of(form) == known.phone_digits
    if not known.asks_name:
        return is_same
    name = plain_name(form.get("last_name", ""))
    if not name:
        raise UnreadableError(_("Enter your last name."))
    return name == known.last_name and is_same


def count_try(tries: Tries, version: int, *, is_right: bool) -> Tries | None:
    """What a try with a link of this version makes of them. None while it is locked, when even the right answer is refused, and when there is a newer link."""
    now = clock.now()
    if holds(tries.unlocks_at, now) or tries.is_closed or tries.version != version:
        return None
    if is_right:
        return msgspec.structs.replace(tries, failed=0, unlocks_at=None)
    failed, wrong = tries.failed + 1, tries.wrong + 1
    if failed < MAX_WRONG_TRIES and wrong < MAX_WRONG_IN_ALL:
        return msgspec.structs.replace(tries, failed=failed, wrong=wrong, unlocks_at=None)
    return msgspec.structs.replace(
        tries,
        failed=0,
        wrong=wrong,
        locks=tries.locks + 1,
        unlocks_at=now + min(timedelta(minutes=LOCKED_MINUTES * 2**tries.locks), LONGEST_LOCK),
        is_closed=wrong >= MAX_WRONG_IN_ALL,
    )


def tries_left(counted: Tries) -> str:
    tries = min(MAX_WRONG_TRIES - counted.failed, MAX_WRONG_IN_ALL - counted.wrong)
    text = ngettext(
        "That does not match what the clinic has on file. You have %(tries)d more try.",
        "That does not match what the clinic has on file. You have %(tries)d more tries.",
        tries,
    )
    return text % {"tries": tries}


def plain_name(name: str) -> str:
    """`De la Peña-Ruiz` and `de la pena ruiz` are the same name, whatever stands for an apostrophe."""
    split = unicodedata.normalize("NFKD", fold_name(name))
    return "".join(letter for letter in split if letter.isalnum())


def _birth_of(form: Mapping[str, str]) -> date:
    try:
        year, month, day = (int(form.get(name, "").strip()) for name in ("year", "month", "day"))
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise UnreadableError(_("Enter your date of birth as numbers, the year with four digits.")) from None


def _digits_of(form: Mapping[str, str]) -> str:
    digits = form.get("phone_digits", "").strip()
    if len(digits) != PHONE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise UnreadableError(_("Enter the last four digits of your phone number."))
    return digits


def _last_digits(phone_number: str) -> str:
    """Of the number itself: an extension is no part of it."""
    digits = digits_of(to_e164(phone_number) or phone_number)
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else ""
