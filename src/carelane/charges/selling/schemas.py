"""What is sold, on the wire: `ChargeDetail` as a body."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from carelane.charges.schemas import ChargeStatus
from carelane.charges.tips.schemas import TipCents
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import meta_problems
from carelane.pricing.schemas import MAX_LINES, MAX_QUANTITY, Cents, Percentage, Text, date_problem

# How many charges one request makes.
MAX_CHARGES = 50
# Of one charge, as it is made.
MAX_TIPS = 50
# What the ids of charges may not be: `list` and so on would be taken for a route.
RESERVED_REFS = frozenset({"list", "table", "timeline", "get", "patients-by-ids"})

Name = Annotated[str, Meta(pattern=r"\S", max_length=255)]
Word = Annotated[str, Meta(max_length=255)]
Quantity = Annotated[int, Meta(ge=0, le=MAX_QUANTITY)]
Nothing = Annotated[list[dict[str, Any]], Meta(max_length=0)]


class ChargeItemIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeItem`: what is sold: an item by `itemId`, a package by `packageId`, which is ours, or anything by its `name`. `price` is
    for one piece. `taxAmount` and `chargeId` follow from the rest, whatever is sent."""

    quantity: Quantity
    price: Cents
    id: str | None = None
    item_id: RecordName | None = None
    package_id: RecordName | None = None
    charge_id: str | None = None
    name: Name | None = None
    description: Text | None = None
    discount_amount: Cents | None = None
    discount_percentage: Percentage | None = None
    discount_reason: Text | None = None
    sold_package_id: str | None = None
    banked_quantity: int | None = None
    banked_item_id: str | None = None
    issued_discount_id: str | None = None
    sold_by_provider_id: RecordName | None = None
    tax_amount: int | None = None
    pricing_id: str | None = None
    shipment_ids: list[str] | None = None


class ChargeTipIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TipDetail`, given with a sale. `chargeId`, `id` and `provider` follow from the rest, whatever is sent."""

    amount: TipCents
    provider_id: RecordName
    id: str | None = None
    charge_id: str | None = None
    provider: dict[str, Any] | None = None


class ChargeIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeDetail`, a sale. What its lines come to is decided here: `totalOutstanding`, and `total` if it is not 0, must say the
    same, with its tips."""

    patient_id: RecordName
    total_outstanding: int
    id: RecordName | None = None
    patient: dict[str, Any] | None = None
    total: int = 0
    description: Text | None = None
    status: ChargeStatus = "OUTSTANDING"
    discount_amount: Cents | None = 0
    discount_percentage: Percentage | None = 0.0
    external_id: Word | None = None
    external_created_date: datetime | None = None
    rule_set_id: str | None = None
    created_date: datetime | None = None
    creator_id: RecordName | None = None
    items: Annotated[list[ChargeItemIn], Meta(max_length=MAX_LINES)] = []
    tips: Annotated[list[ChargeTipIn], Meta(max_length=MAX_TIPS)] = []
    location_id: RecordName | None = None
    event_id: Word | None = None
    member_id: str | None = None
    comment: Text | None = None
    meta: dict[str, Any] | None = None
    merchant_account_id: str | None = None
    payments: Nothing = []
    adjustments: Nothing = []


Charges = list[ChargeIn]

# Members that mean something which is not kept here: to take them without a word would lose it.
_UNKNOWN = {
    "rule_set_id": "ruleSetId",
    "member_id": "memberId",
    "merchant_account_id": "merchantAccountId",
}
_UNKNOWN_OF_LINES = {
    "sold_package_id": "soldPackageId",
    "banked_quantity": "bankedQuantity",
    "banked_item_id": "bankedItemId",
    "issued_discount_id": "issuedDiscountId",
    "pricing_id": "pricingId",
    "shipment_ids": "shipmentIds",
}


def charge_problems(body: ChargeIn, path: str = "") -> Iterator[FieldProblem]:
    """What is wrong with a sale by itself, beyond the types and bounds of its members. `path` leads to it in the body."""
    if body.id in RESERVED_REFS:
        yield FieldProblem(f"{path}id", f"expected another name; {body.id} is the name of a route")
    if body.status != "OUTSTANDING":
        yield FieldProblem(f"{path}status", "expected OUTSTANDING; the others follow from what happens to a charge")
    if not body.items:
        yield FieldProblem(f"{path}items", "expected one line at least")
    yield from _not_kept(body, _UNKNOWN, path)
    yield from date_problem(body.external_created_date, f"{path}externalCreatedDate")
    if body.meta is not None:
        yield from (FieldProblem(f"{path}{one.field}", one.problem) for one in meta_problems(body.meta))
    for n, line in enumerate(body.items):
        yield from _line_problems(line, f"{path}items[{n}].")


def charges_problems(bodies: Sequence[ChargeIn]) -> Iterator[FieldProblem]:
    """Of many sales in one body; no two have the same id."""
    if not 1 <= len(bodies) <= MAX_CHARGES:
        yield FieldProblem("body", f"expected 1 to {MAX_CHARGES} charges")
        return
    seen: set[str] = set()
    for n, body in enumerate(bodies):
        yield from charge_problems(body, f"[{n}].")
        if body.id is not None and body.id in seen:
            yield FieldProblem(f"[{n}].id", "expected another id than those of the charges before it")
        seen |= {body.id} if body.id is not None else set()


def _line_problems(line: ChargeItemIn, path: str) -> Iterator[FieldProblem]:
    if line.item_id is not None and line.package_id is not None:
        yield FieldProblem(f"{path}packageId", "expected an itemId or a packageId, not both")
    if line.item_id is None and line.package_id is None and line.name is None:
        yield FieldProblem(f"{path}itemId", "expected an itemId, or a name for something else that is sold")
    yield from _not_kept(line, _UNKNOWN_OF_LINES, path)


def _not_kept(part: msgspec.Struct, names: dict[str, str], path: str) -> Iterator[FieldProblem]:
    for name, spelled in names.items():
        if getattr(part, name) is not None:
            yield FieldProblem(f"{path}{spelled}", "expected null; there is nothing of that kind here")
