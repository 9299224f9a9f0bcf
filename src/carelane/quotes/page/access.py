"""From a quote's row to what its patient is shown."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from carelane.carts.pricing import gross_cents
from carelane.kit.phi import DataKey, Phi
from carelane.quotes.access import Words, open_description
from carelane.quotes.formatting import moment_text, money_text, number_text
from carelane.quotes.page import identity
from carelane.quotes.page.queries import LineRow, PageRow
from carelane.quotes.queries import WORDS
from carelane.quotes.states import OPEN

_TIMES = "\N{MULTIPLICATION SIGN}"
# What stands on the page.
Kind = Literal["not_sent", "ended", "call", "locked", "verify", "open", "answered"]


class LineShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str | None
    # How many and for how much each; None for one piece, whose price is the amount.
    count: str | None
    discount: str | None
    amount: str


class QuoteShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    title: str
    description: str | None
    terms: str | None
    status: str
    revision: int
    lines: list[LineShown]
    subtotal: str
    discount: str | None
    tax: str
    total: str
    currency: str
    open_until: str | None
    answered_at: str | None


def known_of(row: PageRow) -> identity.Known:
    return identity.known_of(row.last_name, row.date_of_birth, row.phone_number)


def kind_of(row: PageRow, now: datetime, *, is_verified: bool) -> Kind:
    """What may be shown. Whether a quote has ended may be known to whoever has the link; nothing else before the proof."""
    if row.status == "DRAFT":
        return "not_sent"
    if row.status == "EXPIRED" or (row.status in OPEN and row.expires_at is not None and row.expires_at <= now):
        return "ended"
    if row.requires_verification and not is_verified:
        return _door(row, now)
    return "open" if row.status in OPEN else "answered"


def _door(row: PageRow, now: datetime) -> Kind:
    if not known_of(row).can_be_asked:
        return "call"
    is_locked = row.verification_unlocks_at is not None and row.verification_unlocks_at > now
    return "locked" if is_locked else "verify"


def show(data_key: DataKey, row: PageRow) -> QuoteShown:
    """The quote in full, as text."""
    words = (
        msgspec.json.decode(data_key.open(bytes.fromhex(row.words), WORDS, row.id), type=Words)
        if row.words
        else Words()
    )
    return QuoteShown(
        title=words.title or "Your quote",
        description=words.description,
        terms=words.terms,
        status=row.status,
        revision=row.revision,
        lines=[_show_line(data_key, row.currency, line) for line in row.lines],
        subtotal=money_text(row.subtotal_cents, row.currency),
        discount=money_text(-row.discount_cents, row.currency) if row.discount_cents else None,
        tax=money_text(row.tax_cents, row.currency),
        total=money_text(row.total_cents, row.currency),
        currency=row.currency,
        open_until=moment_text(row.expires_at, row.timezone) if row.expires_at else None,
        answered_at=moment_text(row.responded_at, row.timezone) if row.responded_at else None,
    )


def _show_line(data_key: DataKey, currency: str, line: LineRow) -> LineShown:
    taken_off = gross_cents(line.quantity, line.unit_price_cents) - line.total_cents
    is_plain = line.quantity == 1 and not taken_off
    return LineShown(
        name=line.name,
        description=open_description(data_key, line.id, line.description),
        count=None
        if is_plain
        else f"{number_text(line.quantity)} {_TIMES} {money_text(line.unit_price_cents, currency)}",
        discount=money_text(-taken_off, currency) if taken_off else None,
        amount=money_text(line.total_cents, currency),
    )


def ended_text(row: PageRow, now: datetime) -> str:
    """Why it can no longer be answered, as far as the page may say."""
    if row.expires_at is not None and row.expires_at <= now:
        return f"It was open until {moment_text(row.expires_at, row.timezone)}."
    return "The clinic has withdrawn it, or another quote took its place."


def minutes_until(at: datetime, now: datetime) -> int:
    """Whole minutes, at least one."""
    return max(1, -(-(at - now) // timedelta(minutes=1)))
