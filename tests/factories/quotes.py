"""Quotes with their carts, written as rows, for tests of what comes after a quote is made."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from carelane.carts.offers.queries import TEXTS
from carelane.kit import clock
from carelane.kit.ids import uuid7
from carelane.pricing.arithmetic import Line, Priced, price
from carelane.quotes.queries import DESCRIPTION
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.rows import insert_row, update_row


class LineMade(msgspec.Struct, frozen=True, kw_only=True):
    """Of the clinic's one item, unless it says that it is a bundle."""

    quantity: str = "1"
    unit_price_cents: int = 15_900
    discount_amount_cents: int = 0
    discount_percentage: str = "0"
    description: str | None = None
    is_bundle: bool = False


USUAL = (LineMade(quantity="2"), LineMade(unit_price_cents=9_999, is_bundle=True))
# By which way a quote comes to be what it is.
_WAYS = {"DRAFT": (), "SENT": ("SENT",), "EXPIRED": ("EXPIRED",)}


async def make_quote(
    services: Services,
    clinic: Clinic,
    *,
    lines: tuple[LineMade, ...] = USUAL,
    words: dict[str, str] | None = None,
    discount_amount_cents: int = 0,
    status: str = "SENT",
    **values: Any,
) -> UUID:
    """The quote's id. `values` are columns of `quotes`. Nothing is taxed."""
    organization_id, quote_id = UUID(clinic.organization_id), uuid7()
    data_key = await services.keyring.data_key(organization_id)
    priced = price([_asked(line) for line in lines], discount_amount_cents, Decimal(0))
    whom = {"patient_id": clinic.patient_id, "creator_id": clinic.creator_id, "currency": "USD"}
    both = whom | {"discount_amount_cents": discount_amount_cents} | _amounts(priced)
    locked_at = None if status == "DRAFT" else clock.now()
    cart_id = await insert_row(services, organization_id, "carts", **both, locked_at=locked_at)
    if words is not None:
        values["words_sealed"] = data_key.seal(msgspec.json.encode(words), TEXTS, quote_id)
    await insert_row(services, organization_id, "quotes", **both, id=quote_id, cart_id=cart_id, **values)
    for position, line in enumerate(lines):
        line_id, total_cents = uuid7(), priced.lines[position].total_cents
        sealed = line.description and data_key.seal(line.description.encode(), DESCRIPTION, line_id)
        row = _line_row(clinic, line) | {"quote_id": quote_id, "position": position, "total_cents": total_cents}
        await insert_row(services, organization_id, "quote_lines", **row, id=line_id, description_sealed=sealed)
    for step in _WAYS.get(status, ("SENT", status)):
        dates = {"sent_at": clock.now()} if step == "SENT" else {}
        await update_row(services, organization_id, "quotes", quote_id, status=step, **dates)
    return quote_id


def _asked(line: LineMade) -> Line:
    return Line(
        quantity=Decimal(line.quantity),
        unit_price_cents=line.unit_price_cents,
        discount_amount_cents=line.discount_amount_cents,
        discount_percentage=Decimal(line.discount_percentage),
    )


def _amounts(priced: Priced) -> dict[str, int]:
    return {
        "subtotal_cents": priced.subtotal_cents,
        "discount_cents": priced.discount_cents,
        "tax_cents": priced.tax_cents,
        "total_cents": priced.total_cents,
    }


def _line_row(clinic: Clinic, line: LineMade) -> dict[str, Any]:
    sold = {"bundle_id": clinic.bundle_id} if line.is_bundle else {"product_id": clinic.product_id}
    return sold | {
        "quantity": Decimal(line.quantity),
        "unit_price_cents": line.unit_price_cents,
        "discount_amount_cents": line.discount_amount_cents,
        "discount_percentage": Decimal(line.discount_percentage),
        "tax_cents": 0,
    }
