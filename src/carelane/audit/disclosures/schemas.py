"""Disclosures on the wire, and which days may be asked for."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.web.periods import read_day, read_days

# What 45 CFR 164.528 lets a patient ask for.
YEARS = 6
MAX_DAYS = 366 * YEARS
MOST_SHOWN = 200
MOST_EXPORTED = 20_000

DisclosureKind = Literal["PHARMACY", "WEBHOOK", "OLD_WEBHOOK", "MESSAGE", "PROGRAM", "LINK", "GATEWAY"]


class DisclosureOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What one recipient was told of one kind on one day. `at` is the last time, `times` how often. What, to whom and why are words for
    people."""

    kind: DisclosureKind
    day: date
    at: datetime
    times: int
    recipient: str
    what: str
    why: str
    case_short_id: str | None


class KnowledgeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is still on record, in days; null: for good. Before that nobody knows which webhook endpoint it was, or which mails left."""

    webhook_days: int | None
    message_days: int | None


class DisclosuresOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The newest first. `isCut`: there may be more; the CSV has more of them, and says so where it has not all."""

    patient_id: UUID
    first_name: str | None
    last_name: str | None
    first_day: date = msgspec.field(name="from")
    last_day: date = msgspec.field(name="to")
    disclosures: list[DisclosureOut]
    is_cut: bool
    knowledge: KnowledgeOut


class DisclosurePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """Whole days of a time zone."""

    first: date
    last: date
    begins_at: datetime
    ends_at: datetime
    timezone: str


class DisclosureQuery(msgspec.Struct, frozen=True, kw_only=True):
    """As it was sent."""

    first: str | None = None
    last: str | None = None
    timezone: str | None = None

    def period(self) -> DisclosurePeriod:
        """Six years up to today, unless the days are said. Raises InvalidRequestError."""
        problems: list[FieldProblem] = []
        last = read_day("to", self.last, problems) or clock.now().date()
        first = read_day("from", self.first, problems) or date(max(last.year - YEARS, 2), last.month, min(last.day, 28))
        if problems:
            raise InvalidRequestError(problems=problems)
        timezone = self.timezone or "UTC"
        period = read_days(first, last, timezone, MAX_DAYS + 31, ("from", "to"))
        return DisclosurePeriod(
            first=first, last=last, begins_at=period.begins_at, ends_at=period.ends_at, timezone=timezone
        )
