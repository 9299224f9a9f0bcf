"""What the pages of products show."""

from carelane.catalog.desk.schemas import PartsOut, SoldProductOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.views import Row, state_of
from carelane.console.forms import Filled
from carelane.kit.languages import N_, _

TYPES = {
    "PRODUCT": N_("Product"),
    "MEDICATION": N_("Medicine"),
    "ITEM": N_("Other goods"),
    "SERVICE": N_("Service"),
    "MEMBERSHIP": N_("Membership"),
    "PACKAGE": N_("Package"),
}
NAMES = {
    "name": N_("Name"),
    "price": N_("Price"),
    "type": N_("What it is"),
    "description": N_("Description"),
    "imageUrl": N_("Address of a picture"),
    "category": N_("Category"),
    "brandName": N_("Brand"),
    "exemptedTaxIds": N_("Taxes that it escapes"),
    "internalNotes": N_("Notes for staff"),
    "isActive": N_("It is sold"),
}


def columns() -> list[tuple[str, str]]:
    return [(_("What it is"), ""), (_("Price"), "amount")]


def row(product: SoldProductOut) -> Row:
    return Row(
        id=str(product.id),
        name=product.name,
        note=product.category or "",
        cells=[_(TYPES[product.type]), f"{product.price} {product.currency}"],
        state=state_of(is_active=product.is_active, text=_("Sold") if product.is_active else _("Not sold")),
    )


def values(product: SoldProductOut | None, form: Filled, parts: PartsOut) -> dict[str, object]:
    return {
        "currency": product.currency if product else parts.currency,
        "types": [(code, _(text)) for code, text in TYPES.items()],
        "taxes": picked(parts.taxes, form.all("exemptedTaxIds")),
    }
