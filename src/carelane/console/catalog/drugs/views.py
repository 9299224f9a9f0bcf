"""What the pages of drugs show."""

from carelane.catalog.desk.schemas import PartsOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.views import Row, state_of
from carelane.console.forms import Filled
from carelane.kit.languages import N_, _
from carelane.pharmacies.drugs.schemas import DrugOut

SCHEDULES = (("", N_("Not controlled")), ("II", "II"), ("III", "III"), ("IV", "IV"), ("V", "V"))
NAMES = {
    "name": N_("Name and strength"),
    "code": N_("Code"),
    "ndc": N_("NDC"),
    "schedule": N_("Schedule"),
    "productId": N_("Product"),
    "isActive": N_("It can be ordered"),
}


def columns() -> list[tuple[str, str]]:
    return [(_("Code"), ""), (_("NDC"), ""), (_("Schedule"), "")]


def row(drug: DrugOut) -> Row:
    return Row(
        id=str(drug.id),
        name=drug.name,
        cells=[drug.code, drug.ndc or "", drug.schedule or ""],
        state=state_of(is_active=drug.is_active, text=_("Can be ordered") if drug.is_active else _("Not ordered")),
    )


def values(_drug: DrugOut | None, form: Filled, parts: PartsOut) -> dict[str, object]:
    products = picked(parts.products, [form.get("productId")])
    return {
        "schedules": [(code, _(text)) for code, text in SCHEDULES],
        "products": [("", _("None")), *((str(one.id), one.name) for one in products)],
    }
