"""The body that makes a quote."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from carelane.carts.schemas import Text, date_problem
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.quotes.schemas import Title

# Steps of paths beside `/billing/quote/{quote_id}`: a quote of that name could not be reached.
_STEPS = ("list", "public", "respond", "send", "convert-to-charge", "expire-old")


class QuoteIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteCreate`: lines, discounts and amounts are the cart's."""

    patient_id: RecordName
    cart_id: RecordName
    creator_id: RecordName
    id: RecordName | None = None
    title: Title | None = None
    description: Text | None = None
    valid_until_date: datetime | None = None
    terms: Text | None = None
    internal_notes: Text | None = None
    requires_patient_verification: bool = True


def quote_problems(body: QuoteIn) -> Iterator[FieldProblem]:
    """What is wrong with a body by itself, beyond the types and bounds of its members."""
    if body.id in _STEPS:
        yield FieldProblem("id", f"expected anything but {', '.join(_STEPS)}")
    yield from date_problem(body.valid_until_date, "validUntilDate")
