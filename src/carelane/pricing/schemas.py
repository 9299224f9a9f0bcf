"""Lines on the wire: what the bodies of carts and quotes have in common."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec

from carelane.kit.clock import in_utc
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi

MAX_LINES = 500
MAX_QUANTITY = 1_000_000
MAX_TEXT_CHARACTERS = 10_000

Cents = Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)]
Quantity = Annotated[float, msgspec.Meta(ge=0, le=MAX_QUANTITY)]
Percentage = Annotated[float, msgspec.Meta(ge=0, le=100)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARACTERS)]


class LineIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A new line: exactly one of `item_id` and `package_id`. Without a price, the catalog's price is used."""

    item_id: RecordName | None = None
    package_id: RecordName | None = None
    quantity: Quantity = 1.0
    unit_price: Cents | None = None
    discount_amount: Cents = 0
    discount_percentage: Percentage = 0.0


class LinePatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Changes to a line. What is absent or null stays as it is."""

    quantity: Quantity | None = None
    unit_price: Cents | None = None
    discount_amount: Cents | None = None
    discount_percentage: Percentage | None = None


def line_problems(line: LineIn, path: str = "") -> Iterator[FieldProblem]:
    """What is wrong with a line by itself, beyond the types and bounds of its members. `path` leads to it in the body."""
    if (line.item_id is None) == (line.package_id is None):
        yield FieldProblem(f"{path}itemId", "expected exactly one of itemId and packageId")


def date_problem(moment: datetime | None, field: str) -> list[FieldProblem]:
    """Of a date that UTC has no year for."""
    try:
        in_utc(moment)
    except OverflowError:
        return [FieldProblem(field, "expected a moment in the years 1 to 9999 of UTC")]
    return []
