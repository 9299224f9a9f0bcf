"""Whether an order is what a clinician approved for the product of each drug. No I/O.

What was refused, is not valid today, or is used up, no profile lets pass.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.phi import Phi
from carelane.kit.us_zones import earliest_day_in, latest_day_in
from carelane.orders.preflight.directions import doses_stated, goes_beyond, quantity_stated, supply_days_stated
from carelane.orders.preflight.findings import Findings
from carelane.orders.preflight.rulings import Outcome, Ruling, Rulings, fills
from carelane.orders.preflight.values import quantity_number
from carelane.pharmacies.schemas import RxItem

_REFUSED: dict[Outcome, str] = {
    "REJECTED": "expected a drug whose product was not rejected in this case; a clinician of this organization decided so",
    "NO_DECISION": "expected a drug whose product was decided on; a clinician of this organization could not decide",
}


class OrderedItem(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`place` is that of the item in the body."""

    place: str
    drug: str
    direction: str | None = None
    quantity: str | None = None
    refill_count: int | None = None
    supply_days: int | None = None


class Statement(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a decision says of how its medicines are taken, and how much of them is dispensed each time."""

    doses: list[list[str]]
    quantity: Decimal | None
    supply_days: int | None


def items_of(raw: dict[str, Any], most: int) -> Iterator[OrderedItem]:
    """The items of a body that say which drug, whatever else is wrong with them."""
    order = raw.get("order")
    items = order.get("prescriptionItems") if isinstance(order, dict) else None
    for index, item in enumerate(items[:most] if isinstance(items, list) else []):
        if isinstance(item, dict) and isinstance(item.get("drugId"), str):
            yield OrderedItem(
                place=f"order.prescriptionItems[{index}]",
                drug=item["drugId"],
                direction=item["direction"] if isinstance(item.get("direction"), str) else None,
                quantity=item["quantity"] if isinstance(item.get("quantity"), str) else None,
                refill_count=_whole(item.get("refillCount")),
                supply_days=_whole(item.get("supplyDays")),
            )


def items_prescribed(items: list[RxItem]) -> Iterator[OrderedItem]:
    for index, item in enumerate(items):
        yield OrderedItem(
            place=f"prescriptionItems[{index}]",
            drug=item.drug_id,
            direction=item.direction,
            quantity=item.quantity,
            refill_count=item.refill_count,
            supply_days=item.supply_days,
        )


def _whole(value: Any) -> int | None:
    """A number with a fraction of zero counts as a whole one, as it does where the body is read."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def check_decisions(
    items: list[OrderedItem], states: Collection[str], rulings: Rulings, findings: Findings, *, is_new: bool = True
) -> None:
    """`states`: where the parcel goes and where the patient lives, whose day a clinician's decision begins with.

    `is_new` False: the order is there, and its own fills are among those that are ordered.
    """
    wanted: dict[UUID, int] = defaultdict(int)
    stated: dict[UUID, Statement] = {}
    for item in items:
        ruling, field = rulings.of(item.drug), f"{item.place}.drugId"
        if ruling is None or ruling.outcome == "UNDECIDED":
            findings.doubt(field, "expected a drug of a product that was approved in this case")
        elif ruling.outcome != "APPROVED":
            findings.refuse(field, _REFUSED[ruling.outcome])
        elif ruling.decision is not None:
            _check_validity(field, ruling, states, findings)
            product_id = ruling.decision.product_id
            wanted[product_id] += fills(item.refill_count) if is_new else 0
            _check_fills(item, ruling, wanted[product_id], findings)
            if product_id not in stated:
                stated[product_id] = _statement(ruling)
            _check_medications(item, stated[product_id], findings)


def _check_validity(field: str, ruling: Ruling, states: Collection[str], findings: Findings) -> None:
    decision, now = ruling.decision, clock.now()
    if decision is None:
        return
    if decision.start_date is not None and decision.start_date > max(latest_day_in(state, now) for state in states):
        said = f"the one on this drug's product begins on {decision.start_date}"
        findings.refuse(field, f"expected a decision that holds today; {said}")
    if decision.end_date is not None and decision.end_date < min(earliest_day_in(state, now) for state in states):
        said = f"the one on this drug's product ended with {decision.end_date}"
        findings.refuse(field, f"expected a decision that holds today; {said}")


def _check_fills(item: OrderedItem, ruling: Ruling, wanted: int, findings: Findings) -> None:
    approved, ordered = ruling.approved_fills, ruling.ordered_fills
    if approved is None or ordered + wanted <= approved:
        return
    field = f"{item.place}.refillCount" if item.refill_count else f"{item.place}.drugId"
    left = max(approved - ordered, 0)
    said = (
        f"the decision on this drug's product approved {approved}, refills included, and {ordered} are ordered already"
    )
    findings.refuse(field, f"expected at most {left} fills of it in this order; {said}")


def _statement(ruling: Ruling) -> Statement:
    return Statement(
        doses=doses_stated(ruling.medications),
        quantity=quantity_stated(ruling.medications),
        supply_days=supply_days_stated(ruling.medications),
    )


def _check_medications(item: OrderedItem, stated: Statement, findings: Findings) -> None:
    """What the decision states of the medicine, and only that."""
    if item.direction and goes_beyond(item.direction, stated.doses):
        said = "expected directions within those of the decision: its numbers and its intervals"
        findings.doubt(f"{item.place}.direction", said)
    if stated.quantity is not None and (quantity_number(item.quantity or "") or 0) > stated.quantity:
        findings.doubt(f"{item.place}.quantity", f"expected at most the {stated.quantity} of the decision")
    if stated.supply_days is not None and (item.supply_days or 0) > stated.supply_days:
        said = f"expected at most the {stated.supply_days} days of the decision's treatment period"
        findings.doubt(f"{item.place}.supplyDays", said)
