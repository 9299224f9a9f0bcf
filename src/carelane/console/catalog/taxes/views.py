"""What the pages of taxes show."""

from carelane.catalog.desk.schemas import PartsOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.views import Row, fields_of, state_of
from carelane.console.forms import Filled, lines_of
from carelane.kit.languages import N_, _, ngettext
from carelane.taxes.desk.schemas import RaisedTaxOut
from carelane.taxes.schemas import TaxScope

SCOPES: dict[TaxScope, str] = {
    "ALL": N_("Everything"),
    "PRODUCTS_ONLY": N_("Products and medicines"),
    "SERVICES_ONLY": N_("Services"),
    "MEMBERSHIPS_ONLY": N_("Memberships"),
    "SPECIFIC_CATEGORIES": N_("Some categories"),
}
NAMES = {
    "name": N_("Name"),
    "percentage": N_("Percent"),
    "scope": N_("Raised on"),
    "categoryNames": N_("Categories"),
    "locationIds": N_("Only these locations"),
    "isActive": N_("It is raised"),
}


def columns() -> list[tuple[str, str]]:
    return [(_("Percent"), "amount"), (_("Raised on"), ""), (_("Where"), "")]


def row(tax: RaisedTaxOut) -> Row:
    count = len(tax.location_ids)
    where = ngettext("%(num)d location", "%(num)d locations", count) % {"num": count} if count else _("Everywhere")
    on = ", ".join(tax.category_names) or _(SCOPES[tax.scope])
    return Row(
        id=str(tax.id),
        name=tax.name,
        cells=[f"{tax.percentage} %", on, where],
        state=state_of(is_active=tax.is_active, text=_("Raised") if tax.is_active else _("Archived")),
    )


def form_of(tax: RaisedTaxOut, _sent: Filled) -> Filled:
    """Categories stand on a line each."""
    return Filled(fields_of(tax).fields | {"categoryNames": ["\n".join(tax.category_names)]})


def categories_of(form: Filled, _tax: RaisedTaxOut | None) -> dict[str, list[str]]:
    return {"categoryNames": lines_of(form.get("categoryNames"))}


def values(_tax: RaisedTaxOut | None, form: Filled, parts: PartsOut) -> dict[str, object]:
    return {
        "scopes": [(code, _(text)) for code, text in SCOPES.items()],
        "locations": picked(parts.locations, form.all("locationIds")),
    }
