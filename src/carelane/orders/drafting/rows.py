"""From what was decided, and what was ordered before, to the items of an order. No I/O."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.cases.schemas import MedicationIn
from carelane.kit.phi import DataKey
from carelane.orders.drafting.queries import EarlierOrder
from carelane.orders.drafting.schemas import (
    DrugChoiceOut,
    ItemDraftOut,
    LastItemOut,
    LastOrderOut,
    PrescriberDraftOut,
)
from carelane.orders.preflight.directions import supply_days_stated
from carelane.orders.preflight.rulings import Rulings
from carelane.orders.queries import PRESCRIPTION
from carelane.pharmacies.schemas import Prescription, RxItem
from carelane.staff.queries import Member

_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


def items_to_order(rulings: Rulings, drugs: list[DrugChoiceOut]) -> Iterator[ItemDraftOut]:
    """Of each product that is approved and has fills left, every medicine."""
    for product_id, ruling in rulings.by_product.items():
        left = ruling.approved_fills is None or ruling.ordered_fills < ruling.approved_fills
        if ruling.outcome == "APPROVED" and left:
            of_product = [drug for drug in drugs if drug.product_id == product_id]
            yield from (_item(product_id, medicine, of_product) for medicine in ruling.medications)


def _item(product_id: UUID, medicine: MedicationIn, drugs: list[DrugChoiceOut]) -> ItemDraftOut:
    dose = " ".join(text for text in (medicine.dosage, medicine.dosing_frequency) if text and text.strip())
    return ItemDraftOut(
        product_id=product_id,
        drug_id=_drug_of(medicine.medicine, drugs),
        medicine=medicine.medicine,
        direction=medicine.pharmacy_instructions or dose or None,
        quantity=None if medicine.quantity is UNSET else medicine.quantity,
        refill_count=medicine.refill_count,
        supply_days=supply_days_stated([medicine]),
    )


def _drug_of(medicine: str, drugs: list[DrugChoiceOut]) -> str | None:
    """The one of that name or code; or the only one."""
    wanted = medicine.strip().casefold()
    named = [drug.code for drug in drugs if wanted in {drug.name.strip().casefold(), drug.code.casefold()}]
    if len(named) == 1:
        return named[0]
    return drugs[0].code if len(drugs) == 1 else None


def last_order(
    earlier: list[EarlierOrder], items: list[ItemDraftOut], drugs: list[DrugChoiceOut], key: DataKey
) -> LastOrderOut | None:
    """The newest of `earlier` with anything that one of the items can be."""
    products = {drug.code: drug.product_id for drug in drugs}
    of_products = Counter(item.product_id for item in items)
    for order in earlier:
        sealed = bytes.fromhex(order.sealed)
        rx = msgspec.json.decode(key.open(sealed, PRESCRIPTION, order.id), type=Prescription)
        had = [(products.get(one.drug_id), one) for one in rx.items]
        found = [_last_item(item, had, is_alone=of_products[item.product_id] == 1) for item in items]
        if any(found):
            return LastOrderOut(
                id=order.id,
                case_id=order.case_id,
                placed_at=order.placed_at,
                pharmacy_id=rx.pharmacy_code,
                diagnosis=rx.diagnosis,
                items=found,
            )
    return None


def _last_item(item: ItemDraftOut, had: list[tuple[UUID | None, RxItem]], *, is_alone: bool) -> LastItemOut | None:
    """The same drug; where the decision leaves that open, the product's only one, unless its strength is another."""
    of_product = [one for product_id, one in had if product_id == item.product_id]
    if item.drug_id is not None:
        of_product = [one for one in of_product if one.drug_id == item.drug_id]
    elif not is_alone or any(_strengths(item.medicine) - _strengths(one.name) for one in of_product):
        return None
    if len(of_product) != 1:
        return None
    (one,) = of_product
    return LastItemOut(
        drug_id=one.drug_id,
        direction=one.direction,
        quantity=one.quantity,
        refill_count=one.refill_count,
        supply_days=one.supply_days,
    )


def _strengths(name: str) -> set[Decimal]:
    return {Decimal(number) for number in _NUMBER.findall(name)}


def prescriber_of(member: Member) -> PrescriberDraftOut:
    return PrescriberDraftOut(
        first_name=member.first_name,
        last_name=member.last_name,
        title=member.title,
        title_suffix=member.title_suffix,
        npi=member.npi,
        dea=member.dea,
        email=member.email,
        phone_number=member.phone_number,
        address_line1=member.address_line1,
        address_line2=member.address_line2,
        city=member.city,
        state=member.state,
        country=member.country,
        postal_code=member.postal_code,
    )
