"""What the pages of carts and quotes show, and what is typed on them."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from carelane.carts.access import seen_of
from carelane.carts.schemas import CartItemOut, CartOut
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageOut
from carelane.console.amounts import cents_of
from carelane.console.billing.states import QUOTE_STATES
from carelane.console.billing.views import frame_of, part
from carelane.console.forms import Form
from carelane.console.patients.states import CART_STATES
from carelane.kit import formatting
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.languages import N_, _
from carelane.kit.money import decimal_string
from carelane.quotes.schemas import QuoteItemOut, QuoteOut

NOTES = {
    "added": N_("Added."),
    "changed": N_("Changed. The totals are new."),
    "removed": N_("Taken out."),
    "quoted": N_("The quote is made. Send it, and the patient can answer."),
    "sent": N_("The quote is on its way."),
}
# What a search shows of each kind.
FOUND = 8


class Found(msgspec.Struct, frozen=True):
    """Something that can be put into the cart. `field` is what a line calls it by."""

    field: str
    id: str
    name: str
    price: int
    is_bundle: bool


def found_of(items: Sequence[ItemOut], packages: Sequence[PackageOut]) -> list[Found]:
    bundles = [Found("packageId", one.id, one.name, one.price, is_bundle=True) for one in packages]
    return [*bundles, *(Found("itemId", one.id, one.name, one.price, is_bundle=False) for one in items)]


def name_of_line(line: CartItemOut | QuoteItemOut) -> str:
    thing = line.package or line.item
    return thing.name if thing else _("Something that is gone")


def cart_page(actor: Actor, cart: CartOut, currency: str, text: str, found: list[Found]) -> dict[str, object]:
    is_open = cart.status == "DRAFT" and not any(quote.status != "DRAFT" for quote in cart.quotes)
    return frame_of(actor, "carts") | {
        "cart": cart,
        "seen": seen_of(cart.status, cart.total, cart.updated_date),
        "currency": currency,
        "state": CART_STATES[cart.status],
        "quote_states": QUOTE_STATES,
        "line_name": name_of_line,
        "text": text,
        "found": found,
        "is_open": is_open,
        "may_charge": cart.status in {"DRAFT", "ACCEPTED"} and bool(cart.items),
        "number": number_text,
        "plain_number": plain_number,
        "decimal_string": decimal_string,
    }


def quote_page(actor: Actor, quote: QuoteOut, currency: str) -> dict[str, object]:
    return frame_of(actor, "quotes") | {
        "quote": quote,
        "currency": currency,
        "state": QUOTE_STATES[quote.status],
        "line_name": name_of_line,
        "may_send": quote.status in {"DRAFT", "SENT", "VIEWED"},
        "number": number_text,
    }


def number_text(number: float) -> str:
    return formatting.number_text(Decimal(repr(number)))


def plain_number(number: float) -> str:
    """As a field of a form takes it, with every digit."""
    return f"{Decimal(repr(number)).normalize():f}"


def changed_part(form: Form, prefix: str) -> Form:
    """The fields that differ from what the page showed in them: what was not touched may be a colleague's by now."""
    own = part(form, prefix)
    kept = {name: texts for name, texts in own.fields.items() if own.all(f"was-{name}") != texts}
    return Form(kept, digest=own.digest)


def price_of(form: Form, field: str, currency: str) -> int | None:
    """In cents, None where nothing was typed. Raises RuleBrokenError."""
    text = form.get(field)
    if not text.strip():
        return None
    cents = cents_of(text, currency)
    if cents is None:
        raise RuleBrokenError(problems=[FieldProblem(field, _("Type an amount, such as 12.50."))])
    return cents
