"""Between the draft of an order, its form and its body."""

from collections.abc import Iterable

import msgspec

from carelane.console.forms import Filled, Form
from carelane.console.wording import place_of
from carelane.kit.phi import Phi
from carelane.orders.drafting.schemas import OrderDraftOut, StaffOrderIn
from carelane.orders.schemas import FindingOut

MOST_ITEMS = 20
_PRESCRIBER = ("firstName", "lastName", "title", "titleSuffix", "npi", "dea", "email", "phoneNumber")
_ADDRESS = ("addressLine1", "addressLine2", "city", "state", "country", "postalCode")
_ITEM = ("drugId", "direction", "quantity", "refillCount", "supplyDays")


class Findings(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What stops the order, and what to look at again; each by its field in the form. `is_tried`: there may be none."""

    stops: dict[str, str] = {}
    doubts: dict[str, str] = {}
    is_tried: bool = False


def fields_of(draft: OrderDraftOut) -> dict[str, list[str]]:
    """The form as it is filled in from the decision."""
    known = msgspec.to_builtins(draft)
    values: dict[str, object] = {"pharmacyId": draft.pharmacies[0].code if len(draft.pharmacies) == 1 else None}
    prescriber = known["prescriber"] or {}
    values |= {f"prescriber.{name}": prescriber.get(name) for name in _PRESCRIBER}
    values |= {f"prescriber.address.{name}": prescriber.get(name) for name in _ADDRESS}
    for index, item in enumerate(known["items"][:MOST_ITEMS]):
        values |= {f"prescriptionItems[{index}].{name}": item[name] for name in _ITEM}
    return {f"order.{name}": [str(value)] for name, value in values.items() if value is not None}


def with_last(form: Filled, draft: OrderDraftOut) -> Filled:
    """What is empty as it was in the last order. What was decided or typed stays, and so does an item of another drug."""
    last = draft.last_order
    if last is None:
        return form
    known = {one.code for one in draft.pharmacies}
    values: dict[str, object] = {
        "pharmacyId": last.pharmacy_id if last.pharmacy_id in known else None,
        "diagnosis": last.diagnosis,
    }
    for index, item in enumerate(last.items[:MOST_ITEMS]):
        place = f"prescriptionItems[{index}]"
        if item is not None and form.get(f"order.{place}.drugId").strip() in {"", item.drug_id}:
            copied = msgspec.to_builtins(item)
            values |= {f"{place}.{name}": copied[name] for name in _ITEM}
    filled = {f"order.{name}": [str(value)] for name, value in values.items() if value is not None}
    return Filled(
        filled | {name: texts for name, texts in form.fields.items() if form.get(name).strip() or name not in filled}
    )


def count_items(fields: Iterable[str]) -> int:
    places = {name.partition("]")[0] for name in fields if name.startswith("order.prescriptionItems[")}
    return min(len(places), MOST_ITEMS)


def body_of(form: Form) -> StaffOrderIn:
    """Items of which nothing is to be dispensed are left out. Raises InvalidRequestError."""
    return form.read(StaffOrderIn)


def sorted_findings(found: list[FindingOut]) -> Findings:
    return Findings(
        stops={one.field: one.message for one in found if one.severity == "refuse"},
        doubts={one.field: one.message for one in found if one.severity == "warn"},
        is_tried=True,
    )


def with_stops(form: Form, findings: Findings) -> Filled:
    """What stops the order is wrong with its field; of what is no field of the form, with the whole."""
    known = {name: text for name, text in findings.stops.items() if name in form.fields}
    general = [f"{place_of(name)}: {text}" for name, text in findings.stops.items() if name not in known]
    return Filled(form.fields, known, general, 422 if findings.stops else 200)
