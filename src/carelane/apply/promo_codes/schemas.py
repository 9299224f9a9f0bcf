"""`promoCodes` of an organization file."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from carelane.apply.catalog.schemas import Amount
from carelane.apply.places.schemas import Percentage, read_percentage
from carelane.apply.schemas import Currency, Entry, Line, Problems, Text, check_currency
from carelane.kit.errors import FieldProblem
from carelane.kit.money import read_amount

MAX_BUNDLES = 100
# With an offset: when a day begins depends on where.
Moment = Annotated[datetime, Meta(tz=True)]


class PromoCodeEntry(Entry, frozen=True):
    """Found again by `id`, else by its code. `bundles` names bundles of the same file; none means everything."""

    code: Annotated[
        str, Meta(pattern=r"^[!-~]{1,100}$(?!\n)", description="1 to 100 letters, digits and signs without a space")
    ]
    id: UUID | None = None
    discount_percentage: Percentage | None = None
    discount_amount: Amount | None = None
    currency: Currency = "USD"
    bundles: Annotated[list[str], Meta(max_length=MAX_BUNDLES)] = []
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    label: Line | None = None
    description: Text | None = None
    is_visible: bool = False
    is_active: bool = True


def broken_rules(codes: list[PromoCodeEntry], bundles: set[str]) -> Problems:
    """`bundles` are the names of the file's."""
    seen: set[str] = set()
    for index, entry in enumerate(codes):
        place = f"promoCodes[{index}]"
        if entry.code.lower() in seen:
            yield FieldProblem(f"{place}.code", f"{entry.code} stands in the file before")
        seen.add(entry.code.lower())
        yield from _discount_problems(place, entry)
        yield from check_currency(f"{place}.currency", entry.currency)
        if entry.starts_at is not None and entry.ends_at is not None and entry.starts_at >= entry.ends_at:
            yield FieldProblem(f"{place}.endsAt", "expected a moment after startsAt")
        for at, named in enumerate(entry.bundles):
            if named not in bundles:
                yield FieldProblem(f"{place}.bundles[{at}]", f"no bundle of this file has the name {named}")


def _discount_problems(place: str, entry: PromoCodeEntry) -> Problems:
    if (entry.discount_percentage is None) == (entry.discount_amount is None):
        yield FieldProblem(place, "expected either discountPercentage or discountAmount")
    if entry.discount_percentage is not None and not read_percentage(entry.discount_percentage):
        yield FieldProblem(f"{place}.discountPercentage", "expected a percentage above 0, at most 100")
    try:
        if entry.discount_amount is not None and read_amount(entry.discount_amount, entry.currency) == 0:
            yield FieldProblem(f"{place}.discountAmount", "expected an amount above 0")
    except ValueError as error:
        yield FieldProblem(f"{place}.discountAmount", str(error))
