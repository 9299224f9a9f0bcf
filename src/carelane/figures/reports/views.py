"""From what is kept to what a report says, and to CSV. No I/O."""

from collections.abc import Iterable
from datetime import date
from math import ceil

from carelane.figures.reports.schemas import (
    DIMENSION_OF,
    MOST_LINES,
    Basis,
    By,
    Counted,
    Dimension,
    Kept,
    LineOut,
    Months,
    ReportOut,
    month_text,
)
from carelane.web.spreadsheets import csv_lines

_COLUMNS = (
    "key", "name", "cases", "decisions", "approved", "approvalRate", "medianSeconds", "p90Seconds", "orders", "revenueCents",
    "refundsCents",
)  # fmt: skip


def add_up(kept: Iterable[Kept]) -> Kept:
    """Of several spans one."""
    found: dict[tuple[Dimension, str], Counted] = {}
    for one in kept:
        for line in one.lines:
            whole = found.setdefault((line.dimension, line.key), Counted(dimension=line.dimension, key=line.key))
            whole.cases += line.cases
            whole.decisions += line.decisions
            whole.approved += line.approved
            whole.orders += line.orders
            whole.revenue_cents += line.revenue_cents
            whole.refunds_cents += line.refunds_cents
            for nearly, (count, seconds) in line.waits.items():
                counted, sums = whole.waits.get(nearly, (0, 0))
                whole.waits[nearly] = (counted + count, sums + seconds)
    return Kept(list(found.values()))


def show_report(by: By, months: Months, kept: dict[date, Kept], names: dict[str, str], basis: Basis) -> ReportOut:
    """Every month, also those in which nothing happened."""
    whole = add_up(kept.values())
    of_months = [_line(_all(kept.get(month, Kept())), month_text(month), None) for month in months.days]
    dimension = DIMENSION_OF[by]
    found = [_line(one, one.key or None, names.get(one.key)) for one in whole.lines if one.dimension == dimension]
    found.sort(
        key=lambda one: (
            one.key is None,
            -one.revenue_cents,
            -one.decisions,
            -(one.cases or 0),
            one.name or one.key or "",
        )
    )
    lines = list(reversed(of_months)) if by == "month" else found
    return ReportOut(
        first_month=month_text(months.first),
        last_month=month_text(months.last),
        by=by,
        timezone=basis.timezone,
        currency=basis.currency,
        made_at=basis.made_at,
        lines=lines[:MOST_LINES],
        months=of_months,
        total=_line(_all(whole), None, None),
        is_cut=len(lines) > MOST_LINES,
    )


def to_csv(report: ReportOut) -> str:
    """With the names of the members as its first line and the total as its last. Amounts are cents."""
    rows: list[list[object]] = [[*_COLUMNS, "currency", "from", "to", "timezone"]]
    span = [report.currency, report.first_month, report.last_month, report.timezone]
    rows += [[*_values(line), *span] for line in report.lines]
    rows.append(["total", *_values(report.total)[1:], *span])
    return csv_lines(rows)


def keys_of(kept: Iterable[Kept], dimension: Dimension) -> set[str]:
    return {line.key for one in kept for line in one.lines if line.dimension == dimension and line.key}


def _values(line: LineOut) -> list[object]:
    rate = None if line.approval_rate is None else round(line.approval_rate, 4)
    return [
        line.key, line.name, line.cases, line.decisions, line.approved, rate, line.median_seconds, line.p90_seconds, line.orders,
        line.revenue_cents, line.refunds_cents,
    ]  # fmt: skip


def _all(kept: Kept) -> Counted:
    return next((one for one in kept.lines if one.dimension == "ALL"), Counted(dimension="ALL", key=""))


def _line(one: Counted, key: str | None, name: str | None) -> LineOut:
    waits = [one.waits[nearly] for nearly in sorted(one.waits)]
    return LineOut(
        key=key,
        name=name,
        cases=None if one.dimension == "PERSON" else one.cases,
        decisions=one.decisions,
        approved=one.approved,
        approval_rate=one.approved / one.decisions if one.decisions else None,
        median_seconds=_within(waits, ceil(one.decisions / 2)),
        p90_seconds=_within(waits, ceil(one.decisions * 9 / 10)),
        orders=one.orders,
        revenue_cents=one.revenue_cents,
        refunds_cents=one.refunds_cents,
    )


def _within(waits: list[tuple[int, int]], wanted: int) -> int | None:
    """How long so many of them took at most; the shortest come first."""
    counted = 0
    for count, seconds in waits:
        counted += count
        if counted >= wanted:
            return round(seconds / count)
    return None
