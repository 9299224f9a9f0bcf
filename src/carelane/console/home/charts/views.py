"""From figures to what is drawn: axes with round numbers, bars, lines with gaps where there is no number. No I/O."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from carelane.console import times
from carelane.console.wording import capped
from carelane.figures.schemas import AmountsOut, DayOut, WaitsOut, WorkOut
from carelane.kit.formatting import money_text
from carelane.kit.languages import _, ngettext
from carelane.orders.states import OrderStatus

_LEFT, _BOTTOM, _WIDTH, _HEIGHT = 46, 128, 242, 112
PARTS = 4
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TIME_STEPS = (1, 2, 5, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 5_760, 10_080, 20_160, 43_200)
# An en dash: nothing to tell.
_NONE = "\N{EN DASH}"
_OPEN = ("OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION")


class Point(msgspec.Struct, frozen=True):
    label: str
    numbers: list[int]


class Line(msgspec.Struct, frozen=True):
    """Of a table. `note` stands under the label."""

    label: str
    texts: list[str]
    note: str = ""


class Bar(msgspec.Struct, frozen=True):
    name: str
    share: float
    text: str
    kind: str = "a"


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """`is_empty`: there is nothing to draw, and the page says so."""

    said: str
    names: list[str]
    points: list[Point]
    marks: list[str]
    top: int
    lines: list[tuple[str, list[str]]] = []
    table: list[Line]
    is_empty: bool


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    said: str
    lines: list[Bar]
    table: list[Line]
    title: str
    is_empty: bool


def cases(days: list[DayOut]) -> Chart:
    names = [_("Approved"), _("Rejected"), _("Open"), _("Closed")]
    points = [Point(_label(one.day), _kinds(one.cases or {})) for one in days]
    sums = [sum(point.numbers[kind] for point in points) for kind in range(len(names))]
    step = step_of(max(sum(point.numbers) for point in points))
    said = _("Cases a day by status: %(approved)d approved, %(rejected)d rejected, %(open)d open, %(closed)d closed.")
    return Chart(
        said=said % dict(zip(("approved", "rejected", "open", "closed"), sums, strict=True)),
        names=names,
        points=points,
        marks=[f"{step * part:,}" for part in range(PARTS + 1)],
        top=step * PARTS,
        table=[Line(point.label, [f"{number:,}" for number in point.numbers]) for point in points],
        is_empty=not any(sums),
    )


def waits(days: list[DayOut]) -> Chart:
    """The time that patients were waited for is in the table, and in neither line."""
    found = [one.waits for one in days]
    medians = [one.median_seconds if one else None for one in found]
    p90s = [one.p90_seconds if one else None for one in found]
    step = time_step_of(max((number for number in p90s if number is not None), default=0))
    return Chart(
        said=_last_wait(found),
        names=[_("Median"), _("p90"), _("Patient")],
        points=[Point(_label(one.day), []) for one in days],
        marks=["0", *(brief_span(step * part) for part in range(1, PARTS + 1))],
        top=step * PARTS,
        lines=[
            (_("Median"), pieces(medians, step * PARTS)),
            (_("p90: nine of ten are faster"), pieces(p90s, step * PARTS)),
        ],
        table=[Line(_label(one.day), _wait_texts(one.waits)) for one in days],
        is_empty=not any(found),
    )


def orders(counted: dict[OrderStatus, int]) -> Bars:
    def of(*statuses: OrderStatus) -> int:
        return sum(counted.get(status, 0) for status in statuses)

    numbers = [
        (_("To send"), of("RECEIVED", "SENDING"), "a"),
        (_("Sent"), of("SENT"), "a"),
        (_("Accepted"), of("ACCEPTED"), "a"),
        (_("Shipped"), of("SHIPPED"), "a"),
        (_("Attention"), of("NEEDS_ATTENTION"), "b"),
    ]
    most = max(number for _name, number, _kind in numbers)
    lines = [Bar(name, number / (most or 1), capped(number), kind) for name, number, kind in numbers]
    under_way = sum(number for _name, number, _kind in numbers)
    return Bars(
        said=_("Orders by state: %(states)s.") % {"states": ", ".join(f"{bar.text} {bar.name}" for bar in lines)},
        lines=lines,
        table=[Line(bar.name, [bar.text]) for bar in lines],
        title=ngettext("%(num)d under way", "%(num)d under way", under_way) % {"num": under_way},
        is_empty=not under_way,
    )


def money(currency: str, amounts: AmountsOut) -> Bars:
    drawn = [
        (_("Charged"), amounts.charged_cents, "a"),
        (_("Refunded"), amounts.refunded_cents, "b"),
        (_("Outstanding"), amounts.outstanding_cents, "c"),
    ]
    told = [
        (_("Charged"), amounts.charged_cents),
        (_("Taken back"), amounts.voided_cents),
        (_("Paid"), amounts.paid_cents),
        (_("Refunded"), amounts.refunded_cents),
        (_("Outstanding now"), amounts.outstanding_cents),
    ]
    most = max(cents for _name, cents, _kind in drawn)
    lines = [Bar(name, max(cents, 0) / (most or 1), money_text(cents, currency), kind) for name, cents, kind in drawn]
    return Bars(
        said=_("Money: %(amounts)s.") % {"amounts": ", ".join(f"{bar.name} {bar.text}" for bar in lines)},
        lines=lines,
        table=[Line(name, [money_text(cents, currency)]) for name, cents in told],
        title=currency,
        is_empty=not any(cents for _name, cents in told),
    )


def work(lines: list[WorkOut]) -> list[Line]:
    return [
        Line(
            one.product_name or _("Without a product"),
            [
                f"{one.decisions:,}",
                *(times.span(timedelta(seconds=seconds)) for seconds in (one.median_seconds, one.p90_seconds)),
            ],
            _("%(name)s, %(approved)s approved") % {"name": one.staff_name, "approved": f"{one.approved:,}"},
        )
        for one in lines
    ]


def _kinds(counted: dict[str, int]) -> list[int]:
    is_open = sum(counted.get(status, 0) for status in _OPEN)
    decided = [counted.get("APPROVED", 0), counted.get("REJECTED", 0)]
    return [*decided, is_open, sum(counted.values()) - sum(decided) - is_open]


def _label(day: date) -> str:
    return times.day_text(day)


def step_of(most: int) -> int:
    """1, 2 or 5 of some power of ten, so that four of them reach `most`."""
    wanted, power = -(-most // PARTS), 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step >= wanted:
                return step
        power *= 10


def time_step_of(most: int) -> int:
    for minutes in _TIME_STEPS:
        if minutes * _MINUTE * PARTS >= most:
            return minutes * _MINUTE
    return step_of(-(-most // _DAY)) * _DAY


def brief_span(seconds: int) -> str:
    if seconds < _HOUR:
        return _("%(minutes)d min") % {"minutes": seconds // _MINUTE}
    if seconds < _DAY:
        return _("%(hours)s h") % {"hours": f"{seconds / _HOUR:g}"}
    return _("%(days)s d") % {"days": f"{seconds / _DAY:g}"}


def pieces(numbers: Sequence[int | None], top: int) -> list[str]:
    """The line breaks where there is no number; a number alone is a dash."""
    found: list[list[tuple[float, float]]] = [[]]
    width = _WIDTH / len(numbers)
    for index, number in enumerate(numbers):
        if number is None:
            found.append([])
        else:
            found[-1].append((_LEFT + (index + 0.5) * width, _BOTTOM - number * _HEIGHT / top))
    drawn = [one if len(one) > 1 else [(one[0][0] - 3, one[0][1]), (one[0][0] + 3, one[0][1])] for one in found if one]
    return [" ".join(f"{x:.1f},{y:.1f}" for x, y in piece) for piece in drawn]


def _wait_texts(one: WaitsOut | None) -> list[str]:
    seconds = (one.median_seconds, one.p90_seconds, one.patient_median_seconds) if one else (None, None, None)
    return [_NONE if number is None else times.span(timedelta(seconds=number)) for number in seconds]


def _last_wait(found: list[WaitsOut | None]) -> str:
    last = next((one for one in reversed(found) if one), None)
    if last is None:
        return _("Nothing was decided.")
    said = _("Wait to decision. On the last day with a decision: median %(median)s, nine of ten within %(p90)s.")
    texts = _wait_texts(last)
    return said % {"median": texts[0], "p90": texts[1]}
