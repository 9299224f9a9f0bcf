"""What the pages of bundles show."""

from carelane.catalog.desk.schemas import OfferedBundleOut, PartOut, PartsOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.views import Row, state_of
from carelane.console.forms import Filled
from carelane.kit.languages import N_, _, ngettext

NAMES = {
    "name": N_("Name"),
    "price": N_("Price"),
    "initialDiscount": N_("Off the first time"),
    "description": N_("Description"),
    "imageUrl": N_("Address of a picture"),
    "productIds": N_("Products in it"),
    "intakeFormId": N_("Form before"),
    "followupFormId": N_("Form afterwards"),
    "linkName": N_("Name in addresses"),
    "tag": N_("Tag"),
    "isVisible": N_("Storefronts show it"),
    "isSoldOut": N_("It is sold out"),
    "isArchived": N_("It is archived"),
    "soldOutListText": N_("Said in the list when it is sold out"),
    "soldOutListColor": N_("Color in the list"),
    "soldOutModalText": N_("Said when it is picked and sold out"),
    "soldOutModalColor": N_("Color when it is picked"),
}


def columns() -> list[tuple[str, str]]:
    return [(_("In it"), ""), (_("Price"), "amount")]


def row(bundle: OfferedBundleOut) -> Row:
    count = len(bundle.product_ids)
    return Row(
        id=str(bundle.id),
        name=bundle.name,
        note=bundle.tag or "",
        cells=[
            ngettext("%(num)d product", "%(num)d products", count) % {"num": count},
            f"{bundle.price} {bundle.currency}",
        ],
        state=_state(bundle),
    )


def _state(bundle: OfferedBundleOut) -> tuple[str, str, str]:
    if bundle.is_archived:
        return state_of(is_active=False, text=_("Archived"))
    if bundle.is_sold_out:
        return "warn", "s-stop", _("Sold out")
    return state_of(is_active=bundle.is_visible, text=_("Shown") if bundle.is_visible else _("Not shown"))


def values(bundle: OfferedBundleOut | None, form: Filled, parts: PartsOut) -> dict[str, object]:
    return {
        "currency": bundle.currency if bundle else parts.currency,
        "products": picked(parts.products, form.all("productIds")),
        "intake_forms": _forms(parts.forms, form.get("intakeFormId")),
        "followup_forms": _forms(parts.forms, form.get("followupFormId")),
    }


def _forms(parts: list[PartOut], chosen: str) -> list[tuple[str, str]]:
    return [("", _("None")), *((str(one.id), one.name) for one in picked(parts, [chosen]))]
