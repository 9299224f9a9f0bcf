"""Bodies that change quotes. Of all but a new line, what is absent or null stays as it is."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from carelane.carts.schemas import Cents, Percentage, Quantity, Text, date_problem
from carelane.kit.decimals import decimals_problem
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.quotes.schemas import Title
from carelane.quotes.states import QuoteStatus


class QuotePatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteUpdate`."""

    status: QuoteStatus | None = None
    title: Title | None = None
    description: Text | None = None
    valid_until_date: datetime | None = None
    terms: Text | None = None
    internal_notes: Text | None = None
    requires_patient_verification: bool | None = None
    discount_amount: Cents | None = None
    discount_percentage: Percentage | None = None


class QuoteItemIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteItemCreate`: exactly one of `item_id` and `package_id`."""

    item_id: RecordName | None = None
    package_id: RecordName | None = None
    quantity: Quantity = 1.0
    unit_price: Cents | None = None
    discount_amount: Cents = 0
    discount_percentage: Percentage = 0.0
    description: Text | None = None


class QuoteItemPatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteItemUpdate`."""

    quantity: Quantity | None = None
    unit_price: Cents | None = None
    discount_amount: Cents | None = None
    discount_percentage: Percentage | None = None
    description: Text | None = None


def quote_problems(body: QuotePatch) -> Iterator[FieldProblem]:
    """What is wrong with a body by itself, beyond the types and bounds of its members."""
    yield from date_problem(body.valid_until_date, "validUntilDate")
    yield from decimals_problem(body.discount_percentage or 0, "discountPercentage")


def patch_problems(body: QuoteItemPatch) -> Iterator[FieldProblem]:
    yield from decimals_problem(body.quantity or 0, "quantity")
    yield from decimals_problem(body.discount_percentage or 0, "discountPercentage")
