"""Reports over the wire and as they are kept, and what may be asked for."""

import re
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.web.paging import Place

Dimension = Literal["ALL", "PRODUCT", "PERSON", "STATE"]
By = Literal["month", "product", "person", "state"]
Measure = Literal["cases", "decisions", "orders", "revenue", "refunds"]

USUAL_MONTHS = 12
MAX_MONTHS = 24
# Lines of one report; what has the most revenue, then decisions and cases, comes first.
MOST_LINES = 200
PAGE_SIZE = 50
# What is sold less of for everybody, and belongs to no product.
DISCOUNTS = "DISCOUNTS"
DIMENSION_OF: dict[By, Dimension] = {"month": "ALL", "product": "PRODUCT", "person": "PERSON", "state": "STATE"}
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class Counted(msgspec.Struct, kw_only=True):
    """Of one key of a dimension on some days, as it is kept. `waits`: of those that were nearly the same, by how near, how many and
    their sum in seconds; so those of any days can be put together."""

    dimension: Dimension
    key: str
    cases: int = 0
    decisions: int = 0
    approved: int = 0
    orders: int = 0
    revenue_cents: int = 0
    refunds_cents: int = 0
    waits: dict[int, tuple[int, int]] = {}


class Kept(msgspec.Struct):
    """The numbers of a day or month."""

    lines: list[Counted] = []


class LineOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`key` is the month, or the id of the product or member, or the state; null for what belongs to none. Of persons, `cases` are null:
    cases come to nobody. `approvalRate` is of the decisions; half of the waits and nine of ten were no longer than the two say, to a
    twentieth, without the time that patients were waited for. Amounts are in the currency's smallest unit."""

    key: str | None
    name: str | None
    cases: int | None
    decisions: int
    approved: int
    approval_rate: float | None
    median_seconds: int | None
    p90_seconds: int | None
    orders: int
    revenue_cents: int
    refunds_cents: int


class ReportOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Whole months of the clinic's time zone. `months` is there whatever it is by. `isCut`: there are more lines than are shown; the
    total is of all."""

    first_month: str = msgspec.field(name="from")
    last_month: str = msgspec.field(name="to")
    by: By
    timezone: str
    currency: str
    made_at: datetime | None
    lines: list[LineOut]
    months: list[LineOut]
    total: LineOut
    is_cut: bool


class RowOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One of what a figure counts: a case, a decision, an order, or a posting of the ledger. `what` is the product or what was done."""

    id: UUID
    at: datetime
    what: str | None
    who: str | None
    case_short_id: str | None
    record_id: UUID
    amount_cents: int | None
    is_approved: bool | None


class RowsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The newest first. A page may hold fewer than were asked for, or none, and still have a `next` one: when much had to be looked
    through."""

    name: str | None
    timezone: str
    currency: str
    rows: list[RowOut]
    next: str | None


class Basis(msgspec.Struct, frozen=True):
    """Whose months they are, in which money; when they were counted, and in which money then."""

    timezone: str
    currency: str
    made_at: datetime | None = None
    counted_currency: str | None = None

    def counts_as(self, other: "Basis | None") -> bool:
        return other is not None and (self.timezone, self.currency) == (other.timezone, other.currency)


class Months(msgspec.Struct, frozen=True):
    """From the first to the last, each by its first day."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [add_months(self.first, number) for number in range(count)]


class ReportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """As it was sent."""

    by: str = "month"
    first: str | None = None
    last: str | None = None

    def read(self, today: date) -> tuple[By, Months]:
        """A year up to this month, unless the months are said. Raises InvalidRequestError with everything that is wrong."""
        problems: list[FieldProblem] = []
        by = next((one for one in get_args(By) if one == self.by), None)
        if by is None:
            problems.append(FieldProblem("by", f"expected {', '.join(get_args(By))}", "query"))
        months = read_months(self.first, self.last, today, problems)
        if problems or by is None or months is None:
            raise InvalidRequestError(problems=problems)
        return by, months


class RowsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """As it was sent: what was counted, of which key, and in which months."""

    measure: str
    by: str = "month"
    key: str | None = None
    first: str | None = None
    last: str | None = None
    after: Place | None = None
    limit: int = PAGE_SIZE


def read_months(first: str | None, last: str | None, today: date, problems: list[FieldProblem]) -> Months | None:
    end = _month("to", last, problems) or today.replace(day=1)
    begin = _month("from", first, problems) or add_months(end, 1 - USUAL_MONTHS)
    if not problems and not 0 <= (end.year - begin.year) * 12 + end.month - begin.month < MAX_MONTHS:
        problems.append(FieldProblem("from", f"expected `to` or one of the {MAX_MONTHS - 1} months before it", "query"))
    return None if problems else Months(begin, end)


def add_months(month: date, count: int) -> date:
    number = max(month.year * 12 + month.month - 1 + count, 12)
    return date(min(number // 12, 9998), number % 12 + 1, 1)


def last_day(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def month_text(month: date) -> str:
    return f"{month:%Y-%m}"


def _month(name: str, text: str | None, problems: list[FieldProblem]) -> date | None:
    found = _MONTH.fullmatch(text) if text else None
    if text and (found is None or not 1 < int(found[1]) < 9998):
        problems.append(FieldProblem(name, "expected a month such as 2026-11", "query"))
        return None
    return date(int(found[1]), int(found[2]), 1) if found else None
