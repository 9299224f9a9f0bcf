"""From what is kept of each day to what is shown of all of them."""

from collections import defaultdict
from math import ceil
from uuid import UUID

import msgspec

from carelane.figures.schemas import (
    MOST_LINES,
    AmountsOut,
    DayOut,
    FiguresMade,
    FiguresOut,
    LineMade,
    MoneyMade,
    MoneyOut,
    Names,
    Span,
    WorkOut,
)
from carelane.orders.states import OrderStatus


def show(
    span: Span,
    made: FiguresMade,
    names: Names,
    orders: dict[OrderStatus, int],
    *,
    sees_cases: bool,
    sees_money: bool,
) -> FiguresOut:
    """Every day of the span, also those on which nothing happened."""
    money = _money(span, made)
    days = [
        DayOut(
            day=day,
            cases=made.cases.get(day, {}) if sees_cases else None,
            waits=made.waits.get(day),
            money=[MoneyOut(currency, each[number]) for currency, each in money.items()] if sees_money else None,
        )
        for number, day in enumerate(span.days)
    ]
    return FiguresOut(
        first_day=span.first,
        last_day=span.last,
        made_at=made.made_at,
        days=days,
        work=_work(made.work, names) if sees_cases else None,
        money=[MoneyOut(currency, _sum(each)) for currency, each in money.items()] if sees_money else None,
        orders=orders,
    )


def _money(span: Span, made: FiguresMade) -> dict[str, list[AmountsOut]]:
    """By currency, of each day: what is outstanding goes on from day to day."""
    found: dict[str, list[AmountsOut]] = {}
    for currency in sorted({*made.owed, *(name for day in made.money.values() for name in day)}):
        owed, found[currency] = made.owed.get(currency, 0), []
        for day in span.days:
            one = made.money.get(day, {}).get(currency)
            owed += one.owed_cents if one else 0
            found[currency].append(_of_day(one, owed))
    return found


def _of_day(one: MoneyMade | None, outstanding_cents: int) -> AmountsOut:
    if one is None:
        return AmountsOut(outstanding_cents=outstanding_cents)
    moved = msgspec.structs.asdict(one)
    del moved["owed_cents"]
    return AmountsOut(**moved, outstanding_cents=outstanding_cents)


def _sum(days: list[AmountsOut]) -> AmountsOut:
    return AmountsOut(
        charged_cents=sum(one.charged_cents for one in days),
        voided_cents=sum(one.voided_cents for one in days),
        paid_cents=sum(one.paid_cents for one in days),
        refunded_cents=sum(one.refunded_cents for one in days),
        outstanding_cents=days[-1].outstanding_cents,
    )


def _work(lines: list[LineMade], names: Names) -> list[WorkOut]:
    """Most decisions first."""
    by_whom: dict[tuple[UUID | None, UUID], list[LineMade]] = defaultdict(list)
    for line in lines:
        by_whom[line.product_id, line.staff_id].append(line)
    shown = [_of_whom(key, found, names) for key, found in by_whom.items()]
    shown.sort(key=lambda one: (-one.decisions, one.product_name or "", one.staff_name, str(one.staff_id)))
    return shown[:MOST_LINES]


def _of_whom(key: tuple[UUID | None, UUID], lines: list[LineMade], names: Names) -> WorkOut:
    product_id, staff_id = key
    decisions = sum(line.decisions for line in lines)
    waits = sorted((wait for line in lines for wait in line.waits), key=_mean)
    return WorkOut(
        product_id=product_id,
        product_name=names.products.get(product_id) if product_id else None,
        staff_id=staff_id,
        staff_name=names.staff.get(staff_id, ""),
        decisions=decisions,
        approved=sum(line.approved for line in lines),
        mean_seconds=round(sum(seconds for _count, seconds in waits) / decisions),
        median_seconds=_within(waits, ceil(decisions / 2)),
        p90_seconds=_within(waits, ceil(decisions * 9 / 10)),
    )


def _mean(wait: tuple[int, int]) -> float:
    return wait[1] / wait[0]


def _within(waits: list[tuple[int, int]], wanted: int) -> int:
    """How long so many of them took at most; the shortest come first."""
    counted = 0
    for wait in waits:
        counted += wait[0]
        if counted >= wanted:
            return round(_mean(wait))
    return 0
