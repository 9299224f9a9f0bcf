"""What the pages of reports show: the five numbers, three charts with their numbers, and a table whose figures are links."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from carelane.console import times
from carelane.console.frame import with_query
from carelane.console.home.charts.views import PARTS, Chart, Line, Point, brief_span, pieces, step_of, time_step_of
from carelane.figures.reports.schemas import DISCOUNTS, By, LineOut, Measure, ReportOut, RowOut, RowsOut
from carelane.kit.formatting import money_text
from carelane.kit.languages import N_, _
from carelane.kit.money import minor_digits

PATH = "/console/reports"
ROWS = f"{PATH}/rows"
_NONE = "\N{EN DASH}"

BYS: dict[By, str] = {
    "month": N_("By month"),
    "product": N_("By product"),
    "person": N_("By person"),
    "state": N_("By state"),
}
_FIRST: dict[By, str] = {"month": N_("Month"), "product": N_("Product"), "person": N_("Person"), "state": N_("State")}
_WITHOUT: dict[By, str] = {
    "month": N_("All"),
    "product": N_("No product"),
    "person": N_("Nobody in particular"),
    "state": N_("State not known"),
}
MEASURES: dict[Measure, str] = {
    "cases": N_("Cases"),
    "decisions": N_("Decisions"),
    "orders": N_("Orders"),
    "revenue": N_("Revenue"),
    "refunds": N_("Refunds"),
}
# What the ledger calls what was done.
_ACTS = {
    "CHARGE": N_("Charged"),
    "VOID": N_("Voided"),
    "ADJUSTMENT": N_("Adjusted"),
    "ADJUSTMENT_VOIDED": N_("Adjustment taken back"),
    "REFUND": N_("Refunded"),
    "REFUND_FAILED": N_("Refund came back"),
}
_LARGE = 10_000
_COMPACT = ((1_000_000, N_("%(number)s M")), (1_000, N_("%(number)s k")))


class Figure(msgspec.Struct, frozen=True):
    """`href` leads to its rows; none where there is nothing to show."""

    text: str
    href: str | None


class Row(msgspec.Struct, frozen=True):
    label: str
    figures: list[Figure]


def report_page(report: ReportOut) -> dict[str, object]:
    span = {"from": report.first_month, "to": report.last_month}
    return {
        "report": report,
        "tabs": [(_(text), with_query(PATH, by=by, **span), None, by == report.by) for by, text in BYS.items()],
        "numbers": _numbers(report),
        "cases": _cases(report.months),
        "waits": _waits(report.months),
        "money": _money(report.months, report.currency),
        "first": _(_FIRST[report.by]),
        "columns": _columns(report),
        "rows": [_row(report, line) for line in report.lines],
        "total": _row(report, report.total, is_total=True),
        "export": with_query(f"{PATH}/export.csv", by=report.by, **span),
        "says": _says(report),
    }


def rows_page(found: RowsOut, measure: Measure, by: By, query: dict[str, str | None]) -> dict[str, object]:
    here = {name: value for name, value in query.items() if value}
    about = label_of(by, here.get("key"), found.name) if by != "month" else ""
    back = {name: here.get(name) for name in ("from", "to")}
    return {
        "title": _(MEASURES[measure]),
        "about": " · ".join(part for part in (about, _span(here.get("from"), here.get("to"))) if part),
        "measure": measure,
        "rows": found.rows,
        "says": {row.id: _what(row, measure) for row in found.rows},
        "amounts": {row.id: money_text(row.amount_cents or 0, found.currency) for row in found.rows},
        "back": with_query(PATH, by=by, **back),
        "first_page": with_query(ROWS, **{name: value for name, value in here.items() if name != "after"})
        if here.get("after")
        else None,
        "next_page": with_query(ROWS, **(here | {"after": found.next})) if found.next else None,
    }


def label_of(by: By, key: str | None, name: str | None) -> str:
    if key is None:
        return _(_WITHOUT[by])
    if by == "month":
        return times.month_text(date.fromisoformat(f"{key}-01"))
    if key == DISCOUNTS:
        return _("Discounts")
    return name or (key if by == "state" else _("What is gone"))


def _span(first: str | None, last: str | None) -> str:
    if not first or not last:
        return ""
    ends = [times.month_text(date.fromisoformat(f"{month}-01")) for month in (first, last)]
    return ends[0] if first == last else _("%(first)s to %(last)s") % {"first": ends[0], "last": ends[1]}


def _numbers(report: ReportOut) -> list[tuple[str, str, str, str, None]]:
    total = report.total
    said = _("%(rate)s approved, median %(median)s")
    decided = said % {"rate": _percent(total.approval_rate), "median": _seconds(total.median_seconds)}
    return [
        (_("Cases"), _rows_of(report, "cases"), f"{total.cases or 0:,}", _("came in"), None),
        (
            _("Decisions"),
            _rows_of(report, "decisions"),
            f"{total.decisions:,}",
            decided if total.decisions else _("none yet"),
            None,
        ),
        (_("Orders"), _rows_of(report, "orders"), f"{total.orders:,}", _("placed"), None),
        (
            _("Revenue"),
            _rows_of(report, "revenue"),
            _short_money(total.revenue_cents, report.currency),
            _("without tax"),
            None,
        ),
        (
            _("Refunds"),
            _rows_of(report, "refunds"),
            _short_money(total.refunds_cents, report.currency),
            _("went back"),
            None,
        ),
    ]


def _rows_of(report: ReportOut, measure: Measure, line: LineOut | None = None) -> str:
    """All of the report's months, or those of a line."""
    if line is None:
        return with_query(ROWS, **{"measure": measure, "from": report.first_month, "to": report.last_month})
    if report.by == "month":
        return with_query(ROWS, **{"measure": measure, "from": line.key, "to": line.key})
    span = {"from": report.first_month, "to": report.last_month}
    return with_query(ROWS, **{"measure": measure, "by": report.by, "key": line.key, **span})


def _columns(report: ReportOut) -> list[str]:
    names = [_("Cases"), _("Decisions"), _("Approved"), _("Median"), _("p90"), _("Orders"), _("Revenue"), _("Refunds")]
    return names[1:] if report.by == "person" else names


def _row(report: ReportOut, line: LineOut, *, is_total: bool = False) -> Row:
    def linked(text: str, measure: Measure, number: int) -> Figure:
        return Figure(text, _rows_of(report, measure, None if is_total else line) if number else None)

    figures = [
        linked(f"{line.cases or 0:,}", "cases", line.cases or 0),
        linked(f"{line.decisions:,}", "decisions", line.decisions),
        linked(_percent(line.approval_rate), "decisions", line.decisions),
        linked(_seconds(line.median_seconds), "decisions", line.decisions),
        linked(_seconds(line.p90_seconds), "decisions", line.decisions),
        linked(f"{line.orders:,}", "orders", line.orders),
        linked(money_text(line.revenue_cents, report.currency), "revenue", line.revenue_cents),
        linked(money_text(line.refunds_cents, report.currency), "refunds", line.refunds_cents),
    ]
    label = _("All") if is_total else label_of(report.by, line.key, line.name)
    return Row(label, figures[1:] if report.by == "person" else figures)


def _says(report: ReportOut) -> str:
    zone = _("Months are those of %(zone)s, the time zone of the clinic's first location.") % {"zone": report.timezone}
    notes = {
        "product": _("A case or order of several products counts with each. Discounts belong to no product."),
        "person": _("Decisions are by who decided, orders by who approved, money by who sold it or else approved."),
        "state": _("The state is where the patient lives."),
    }
    money = _("Revenue is what the ledger's income came to: after discounts, voids and refunds, without tax.")
    return " ".join(part for part in (zone, notes.get(report.by, ""), money) if part)


def _cases(months: list[LineOut]) -> Chart:
    names = [_("Cases"), _("Decisions"), _("Orders")]
    points = [Point(_label(one), [one.cases or 0, one.decisions, one.orders]) for one in months]
    drawn = [Point(point.label, point.numbers[:1]) for point in points]
    step = step_of(max(point.numbers[0] for point in drawn))
    return Chart(
        said=_("Cases a month: %(cases)s in all.") % {"cases": f"{sum(point.numbers[0] for point in points):,}"},
        names=names,
        points=drawn,
        marks=[f"{step * part:,}" for part in range(PARTS + 1)],
        top=step * PARTS,
        table=[Line(point.label, [f"{number:,}" for number in point.numbers]) for point in reversed(points)],
        is_empty=not any(number for point in points for number in point.numbers),
    )


def _waits(months: list[LineOut]) -> Chart:
    medians, p90s = [one.median_seconds for one in months], [one.p90_seconds for one in months]
    step = time_step_of(max((number for number in p90s if number is not None), default=0))
    top = step * PARTS
    texts = [[_seconds(one.median_seconds), _seconds(one.p90_seconds), _percent(one.approval_rate)] for one in months]
    return Chart(
        said=_("Time from request to decision by month: median, and what nine of ten took at most."),
        names=[_("Median"), _("p90"), _("Approved")],
        points=[Point(_label(one), []) for one in months],
        marks=["0", *(brief_span(step * part) for part in range(1, PARTS + 1))],
        top=top,
        lines=[(_("Median"), pieces(medians, top)), (_("p90: nine of ten are faster"), pieces(p90s, top))],
        table=[Line(_label(one), text) for one, text in reversed(list(zip(months, texts, strict=True)))],
        is_empty=not any(one.decisions for one in months),
    )


def _money(months: list[LineOut], currency: str) -> Chart:
    """What is negative is drawn as nothing; the table says it."""
    unit = 10 ** minor_digits(currency)
    amounts = [[one.revenue_cents, one.refunds_cents] for one in months]
    drawn = [[max(cents, 0) // unit for cents in each] for each in amounts]
    step = step_of(max(sum(each) for each in drawn))
    return Chart(
        said=_("Money a month: revenue and refunds."),
        names=[_("Revenue"), _("Refunds")],
        points=[Point(_label(one), numbers) for one, numbers in zip(months, drawn, strict=True)],
        marks=[_compact(step * part) for part in range(PARTS + 1)],
        top=step * PARTS,
        table=[
            Line(_label(one), [money_text(cents, currency) for cents in each])
            for one, each in reversed(list(zip(months, amounts, strict=True)))
        ],
        is_empty=not any(cents for each in amounts for cents in each),
    )


def _label(one: LineOut) -> str:
    return label_of("month", one.key, None)


def _what(row: RowOut, measure: Measure) -> Sequence[str]:
    """In words, and what stands under it."""
    if measure == "decisions":
        return (
            _("Approved") if row.is_approved else _("Rejected"),
            " · ".join(part for part in (row.what, row.who) if part),
        )
    if measure in {"revenue", "refunds"}:
        return (_(_ACTS.get(row.what or "", N_("Other"))), "")
    return (row.what or _NONE, "")


def _percent(rate: float | None) -> str:
    return _NONE if rate is None else f"{rate * 100:.0f} %"


def _seconds(seconds: int | None) -> str:
    return _NONE if seconds is None else times.span(timedelta(seconds=seconds))


def _short_money(cents: int, currency: str) -> str:
    """In whole units, from ten thousand on in thousands: the number is large, and the table has all of it."""
    unit = 10 ** minor_digits(currency)
    whole = abs(cents) // unit
    text = money_text(whole * unit * (-1 if cents < 0 else 1), currency)
    number = f"{whole:,}"
    plain = re.sub(r"[.][0]{2,3}(?=$| )", "", text)
    return plain if whole < _LARGE else plain.replace(number, _compact(whole))


def _compact(number: int) -> str:
    for size, text in _COMPACT:
        if number >= size:
            return _(text) % {"number": f"{number / size:,.1f}".removesuffix(".0")}
    return f"{number:,}"
