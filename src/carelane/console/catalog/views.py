"""What lists and forms of the catalog have in common: sections, rows, and fields."""

from collections.abc import Iterable
from typing import Any

import msgspec

from carelane.console.forms import Filled
from carelane.console.frame import with_query
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _
from carelane.permissions import CATALOG_READ, CATALOG_WRITE, ORGANIZATION_MANAGE, PHARMACIES_MANAGE

PATH = "/console/catalog"
ROWS = 50
MAX_WORD_CHARACTERS = 200
# Its button, and what each form has of its own.
_OF_THE_FORM = {"act", "form_token", "request_key"}
NOTES = {
    "made": N_("It is made."),
    "changed": N_("It is changed. What was sold or answered before stays as it is."),
}


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of record: where it is listed, what it is called, and what one needs to see and to change it."""

    place: str
    name: str
    # On buttons and pages: a new one, the first one, no one.
    new: str
    none: str
    about: str
    sees: str = CATALOG_READ
    changes: str = CATALOG_WRITE

    @property
    def path(self) -> str:
        return f"{PATH}/{self.place}"


PRODUCTS = Kind(
    place="products",
    name=N_("Products"),
    new=N_("New product"),
    none=N_("There are no products yet"),
    about=N_("A product is what a clinician approves and a patient pays for."),
)
BUNDLES = Kind(
    place="bundles",
    name=N_("Bundles"),
    new=N_("New bundle"),
    none=N_("There are no bundles yet"),
    about=N_("A bundle is what a storefront offers: products, a price, and the form that is asked first."),
)
FORMS = Kind(
    place="forms",
    name=N_("Forms"),
    new=N_("New form"),
    none=N_("There are no forms yet"),
    about=N_("A form is what a storefront asks before a request, or afterwards."),
)
PROMO_CODES = Kind(
    place="promo-codes",
    name=N_("Promo codes"),
    new=N_("New promo code"),
    none=N_("There are no promo codes yet"),
    about=N_("A promo code takes something off for whoever types it."),
)
TAXES = Kind(
    place="taxes",
    name=N_("Taxes"),
    new=N_("New tax"),
    none=N_("There are no taxes yet"),
    about=N_("A tax is raised on what is sold, everywhere or at some locations."),
)
LOCATIONS = Kind(
    place="locations",
    name=N_("Locations"),
    new=N_("New location"),
    none=N_("There are no locations yet"),
    about=N_("A location is where patients come to, or the place that care by phone is counted for."),
)
DRUGS = Kind(
    place="drugs",
    name=N_("Drugs"),
    new=N_("New drug"),
    none=N_("There are no drugs yet"),
    about=N_("A drug is what is ordered at a pharmacy, by its code."),
    sees=PHARMACIES_MANAGE,
    changes=PHARMACIES_MANAGE,
)
BRANDING = Kind(
    place="branding",
    name=N_("Branding"),
    new=N_("Branding"),
    none=N_("There is no branding yet"),
    about=N_("Branding is how the clinic shows itself."),
    sees=ORGANIZATION_MANAGE,
    changes=ORGANIZATION_MANAGE,
)
KINDS = (PRODUCTS, BUNDLES, FORMS, PROMO_CODES, TAXES, LOCATIONS, DRUGS, BRANDING)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A record in its list. `state` and what it says: how it stands."""

    id: str
    name: str
    note: str = ""
    cells: list[str]
    state: tuple[str, str, str]


def sections(actor: Actor, here: Kind) -> list[tuple[str, str, None, bool]]:
    return [(_(kind.name), kind.path, None, kind is here) for kind in KINDS if actor.may(kind.sees)]


def shown_state(state: str | None) -> tuple[str, bool | None]:
    """What the filter is, and whether it asks for what is offered."""
    known: dict[str, bool | None] = {"active": True, "archived": False, "all": None}
    return (state, known[state]) if state in known else ("active", True)


def state_of(*, is_active: bool, text: str = "") -> tuple[str, str, str]:
    return ("good", "s-yes", text or _("Offered")) if is_active else ("soft", "s-none", text or _("Not offered"))


def states(kind: Kind, state: str, q: str) -> list[tuple[str, str, None, bool]]:
    choices = (("active", _("Offered")), ("archived", _("Not offered")), ("all", _("All")))
    return [(text, with_query(kind.path, state=code, q=q or None), None, code == state) for code, text in choices]


def word_of(q: str | None) -> str:
    return (q or "").replace("\0", "").strip()[:MAX_WORD_CHARACTERS]


def offset_of(begin: str | None) -> int:
    return int(begin) if begin and begin.isascii() and begin.isdigit() and len(begin) < 6 else 0


def ticked(form: Filled, *names: str) -> dict[str, Any]:
    """Boxes: those that are not ticked are not sent, and mean no."""
    return {name: form.get(name) == "true" for name in names}


def fields_of(record: msgspec.Struct) -> Filled:
    """The form that makes this record, by the names on the wire."""
    return Filled.of(**msgspec.to_builtins(record))


def typed_in(form: Filled) -> dict[str, list[str]]:
    """What a page that saves nothing brings along, so that one can go on from there."""
    return {name: texts for name, texts in form.fields.items() if name not in _OF_THE_FORM}


def ids_in(forms: Iterable[Filled], *names: str) -> list[str]:
    """What is picked in them."""
    return [text for form in forms for name in names for text in form.all(name)]
