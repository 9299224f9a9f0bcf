"""What clinicians decided on the products of a case, and how much of it has been ordered. No I/O.

An order that came to nothing takes nothing away from what was approved, and neither does one that another has replaced.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.cases.queries import MEDICATION
from carelane.cases.schemas import MedicationIn
from carelane.cases.states import RequestStatus
from carelane.kit.phi import DataKey, Phi
from carelane.orders.preflight.queries import CaseRecord, EarlierOrder, KnownDecision, KnownRequest
from carelane.orders.queries import ITEM
from carelane.pharmacies.schemas import RxItem

Outcome = Literal["APPROVED", "REJECTED", "NO_DECISION", "UNDECIDED"]
_OUTCOMES: dict[RequestStatus, Outcome] = {"PENDING": "UNDECIDED", "REJECTED": "REJECTED"}
_CAME_TO_NOTHING = {"CANCELED", "REJECTED"}


class Ruling(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one product of the case: the last decision on it. `decision` is None where none was kept.

    `approved_fills` None: nothing bounds them. `ordered_fills` are those of all orders that still stand.
    """

    outcome: Outcome
    decision: KnownDecision | None
    medications: list[MedicationIn]
    approved_fills: int | None
    ordered_fills: int


class Rulings(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`products` by the drug's code, `by_product` what holds for each product of the case."""

    products: dict[str, UUID]
    by_product: dict[UUID, Ruling]

    def of(self, drug: str) -> Ruling | None:
        """None: the drug belongs to no product of the case."""
        product_id = self.products.get(drug)
        return None if product_id is None else self.by_product.get(product_id)


def fills(refill_count: int | None) -> int:
    """How often it is dispensed: once, and each refill. Not said means none."""
    return 1 + max(refill_count or 0, 0)


def read_rulings(record: CaseRecord, data_key: DataKey, replaces: UUID | None = None) -> Rulings:
    """`replaces`: the order in whose place another is about to be. Raises UnsealError."""
    products = record.products or {}
    latest = {decision.product_id: decision for decision in record.decisions}
    ordered = list(_ordered(record, data_key, products, replaces))
    by_product: dict[UUID, Ruling] = {}
    for request in record.requests:
        decision = latest.get(request.product_id)
        since = _counts_since(record, decision)
        medications = [] if decision is None else _opened(decision, data_key)
        by_product[request.product_id] = Ruling(
            outcome=_outcome(request, decision),
            decision=decision,
            medications=medications,
            approved_fills=None if decision is None else _approved_fills(medications),
            ordered_fills=sum(
                count for product, at, count in ordered if product == request.product_id and (not since or at >= since)
            ),
        )
    return Rulings(products=products, by_product=by_product)


def _outcome(request: KnownRequest, decision: KnownDecision | None) -> Outcome:
    """A request that moved without a decision of its own is from before decisions were kept."""
    if decision is None:
        return _OUTCOMES.get(request.statuses[-1], "APPROVED") if request.statuses else "UNDECIDED"
    if decision.is_no_decision:
        return "NO_DECISION"
    return "APPROVED" if decision.is_approved else "REJECTED"


def _opened(decision: KnownDecision, data_key: DataKey) -> list[MedicationIn]:
    opened = (data_key.open(bytes.fromhex(row.sealed), MEDICATION, row.id) for row in decision.medications)
    return [msgspec.json.decode(content, type=MedicationIn) for content in opened]


def _approved_fills(medications: list[MedicationIn]) -> int:
    """An approval that states no medicine is for one fill."""
    return sum(fills(medication.refill_count) for medication in medications) or 1


def _counts_since(record: CaseRecord, decision: KnownDecision | None) -> datetime | None:
    """An approval that follows another begins anew; the first one counts whatever was ordered before it, too."""
    if decision is None:
        return None
    earlier = (one for one in record.decisions if one.product_id == decision.product_id and one.id != decision.id)
    return decision.created_at if any(one.is_approved for one in earlier) else None


def _ordered(
    record: CaseRecord, data_key: DataKey, products: dict[str, UUID], replaces: UUID | None
) -> Iterator[tuple[UUID | None, datetime, int]]:
    """Of each item that stands: the product it was for, when it was ordered, and its fills."""
    of_decision = {decision.id: decision.product_id for decision in record.decisions}
    gone = _replaced(record.orders, replaces)
    for order in record.orders:
        if order.id in gone or not _stands(order):
            continue
        for row in order.items:
            content = data_key.open(bytes.fromhex(row.sealed), ITEM, row.id)
            item = msgspec.json.decode(content, type=RxItem)
            product = of_decision.get(item.decision.id) if item.decision else None
            yield product or products.get(item.drug_id), order.created_at, fills(item.refill_count)


def _stands(order: EarlierOrder) -> bool:
    """Whether the patient has it, or may get it still."""
    return order.status not in _CAME_TO_NOTHING or order.has_failed


def _replaced(orders: Collection[EarlierOrder], replaces: UUID | None) -> set[UUID]:
    """In whose place another order stands, or is about to."""
    before = {order.id: order.replaces_order_id for order in orders}
    heads = [order.replaces_order_id for order in orders if _stands(order)]
    gone: set[UUID] = set()
    for head in [*heads, replaces]:
        place = head
        while place is not None and place not in gone:
            gone.add(place)
            place = before.get(place)
    return gone
