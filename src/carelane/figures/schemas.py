"""Figures over the wire and as they are kept, and which days may be asked for."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.orders.states import OrderStatus
from carelane.web.periods import days_before, read_day

Kind = Literal["CASES", "WAITS", "WORK", "MONEY"]
USUAL_DAYS = 14
MAX_DAYS = 366
# Orders in one state are counted so far.
MOST_COUNTED = 1_000
# Lines of who decided what, at most; the ones with the most decisions.
MOST_LINES = 50


class WaitsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of the decisions taken that day: from the request to the decision without the time that the patient was waited for, in whole
    seconds; half of them and nine of ten were taken within so long. `asked`: before so many the patient was waited for; the other
    two are that time, of those."""

    decisions: int
    median_seconds: int
    p90_seconds: int
    asked: int = 0
    patient_median_seconds: int | None = None
    patient_p90_seconds: int | None = None


class AmountsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A day's postings in one currency, in its smallest unit. `charged`: what patients were billed; `voided`: bills taken back or
    written off; `paid`: what came in; `refunded`: what went back; `outstanding`: what patients owed at the end of the day."""

    charged_cents: int = 0
    voided_cents: int = 0
    paid_cents: int = 0
    refunded_cents: int = 0
    outstanding_cents: int = 0


class MoneyMade(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """As it is kept: `owed` is how what patients owe changed that day."""

    charged_cents: int
    voided_cents: int
    paid_cents: int
    refunded_cents: int
    owed_cents: int


class LineMade(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What somebody decided of a product that day. `waits`: of those that were nearly the same, how many, and their sum in seconds."""

    product_id: UUID | None
    staff_id: UUID
    decisions: int
    approved: int
    waits: list[tuple[int, int]]


class FiguresMade(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of some days. `owed`: by currency, how what patients owe changed until the first of them."""

    cases: dict[date, dict[str, int]]
    waits: dict[date, WaitsOut | None]
    work: list[LineMade]
    money: dict[date, dict[str, MoneyMade]]
    owed: dict[str, int]
    made_at: datetime | None


class Names(msgspec.Struct, frozen=True):
    products: dict[UUID, str]
    staff: dict[UUID, str]


class WorkOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Decisions on a product by a member of staff, in all days. The mean is of the waits as in `waits`; half of them and nine of ten
    were no longer than the other two say, to a twentieth."""

    product_id: UUID | None
    product_name: str | None
    staff_id: UUID
    staff_name: str
    decisions: int
    approved: int
    mean_seconds: int
    median_seconds: int
    p90_seconds: int


class MoneyOut(msgspec.Struct, rename="camel", frozen=True):
    currency: str
    amounts: AmountsOut


class DayOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`cases`: those that came that day, by where they stand now, ARCHIVED if they were closed without a decision. `waits` is null
    where nothing was decided. What the caller may not see is null."""

    day: date
    cases: dict[str, int] | None
    waits: WaitsOut | None
    money: list[MoneyOut] | None


class FiguresOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`made_at`: when the last of them was counted; null: not yet. `orders`: how many stand where now, counted to a thousand."""

    first_day: date = msgspec.field(name="from")
    last_day: date = msgspec.field(name="to")
    made_at: datetime | None
    days: list[DayOut]
    work: list[WorkOut] | None
    money: list[MoneyOut] | None
    orders: dict[OrderStatus, int]


class Span(msgspec.Struct, frozen=True):
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


class FiguresQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query as it was sent."""

    first: str | None = None
    last: str | None = None

    def span(self, today: date) -> Span:
        """Raises InvalidRequestError."""
        problems: list[FieldProblem] = []
        last = read_day("to", self.last, problems) or today
        first = read_day("from", self.first, problems) or days_before(last, USUAL_DAYS - 1)
        if not problems and not 0 <= (last - first).days < MAX_DAYS:
            problems.append(FieldProblem("from", f"expected `to` or one of the {MAX_DAYS - 1} days before it", "query"))
        if problems:
            raise InvalidRequestError(problems=problems)
        return Span(first, last)
