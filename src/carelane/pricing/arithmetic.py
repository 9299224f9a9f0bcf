"""What lines come to, one by one and together: exact, in integer cents, and independent of their order. No I/O.

Every rule here, and what the vendor leaves open, is in `docs/design/pricing.md`. Percentages are decimals from 0 to 100,
quantities decimals from 0; input is validated before it gets here.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from uuid import UUID

import msgspec

_HUNDRED = Decimal(100)
_ONE = Decimal(1)
# More digits than a quantity, a price and a percentage can have together, so that the only rounding is the one we ask for.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


class TaxRate(msgspec.Struct, frozen=True, order=True):
    """A tax on a line: `percentage` of what is left of the line after all discounts."""

    percentage: Decimal
    tax_id: UUID


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line to be priced. `taxes` are those that apply to what the line sells, where it is sold."""

    # The item or package. All it decides is which of two otherwise equal lines gets a leftover cent.
    sold_id: UUID = UUID(int=0)
    quantity: Decimal
    unit_price_cents: int
    discount_amount_cents: int = 0
    discount_percentage: Decimal = Decimal(0)
    taxes: tuple[TaxRate, ...] = ()


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a line comes to, in cents. `total_cents` is the gross minus the line's own discount."""

    gross_cents: int
    discount_cents: int
    total_cents: int
    # The line's share of the discount on the whole.
    shared_discount_cents: int
    # In the order of the line's `taxes`.
    taxes_cents: tuple[int, ...]

    @property
    def tax_cents(self) -> int:
        return sum(self.taxes_cents)


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """total = subtotal - discount + tax. Each of them is also the sum over the lines."""

    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    lines: tuple[PricedLine, ...]


def price(lines: Sequence[Line], discount_amount_cents: int, discount_percentage: Decimal) -> Priced:
    """Prices the whole. The discount given here is that of the cart, quote or charge; lines have their own."""
    grosses = [gross_cents(line.quantity, line.unit_price_cents) for line in lines]
    own = [
        _discount(gross, line.discount_amount_cents, line.discount_percentage)
        for gross, line in zip(grosses, lines, strict=True)
    ]
    totals = [gross - discount for gross, discount in zip(grosses, own, strict=True)]
    subtotal = sum(totals)
    discount = _discount(subtotal, discount_amount_cents, discount_percentage)
    shares = _spread(discount, totals, lines)
    priced = tuple(
        PricedLine(
            gross_cents=grosses[n],
            discount_cents=own[n],
            total_cents=totals[n],
            shared_discount_cents=shares[n],
            taxes_cents=tuple(_percent(totals[n] - shares[n], tax.percentage) for tax in line.taxes),
        )
        for n, line in enumerate(lines)
    )
    tax = sum(line.tax_cents for line in priced)
    return Priced(
        subtotal_cents=subtotal,
        discount_cents=discount,
        tax_cents=tax,
        total_cents=subtotal - discount + tax,
        lines=priced,
    )


def gross_cents(quantity: Decimal, unit_price_cents: int) -> int:
    """Price times quantity, rounded half-up to a cent."""
    return _round(_EXACT.multiply(quantity, Decimal(unit_price_cents)))


def _discount(of_cents: int, amount_cents: int, percentage: Decimal) -> int:
    """A percentage plus an amount, never more than `of_cents`."""
    return min(of_cents, _percent(of_cents, percentage) + amount_cents)


def _percent(of_cents: int, percentage: Decimal) -> int:
    return _round(_EXACT.divide(_EXACT.multiply(Decimal(of_cents), percentage), _HUNDRED))


def _round(cents: Decimal) -> int:
    return int(cents.quantize(_ONE, context=_EXACT))


def _spread(discount_cents: int, totals: Sequence[int], lines: Sequence[Line]) -> list[int]:
    """Spreads the discount over the lines in proportion to their totals, by largest remainder.

    Shares are first rounded down. The leftover cents, always fewer than the lines that lost a fraction, go to the lines with
    the largest fractions. Ties are broken by what the lines ask for, never by their position: if even that is the same, the
    lines are equal, and the result does not depend on which of them gets the cent.
    """
    whole = sum(totals)
    if not whole:
        return [0] * len(totals)
    shares = [discount_cents * total // whole for total in totals]
    left = discount_cents - sum(shares)
    by_remainder = sorted(
        range(len(totals)), key=lambda n: (discount_cents * totals[n] % whole, _content(lines[n])), reverse=True
    )
    for n in by_remainder[:left]:
        shares[n] += 1
    return shares


def _content(line: Line) -> tuple[object, ...]:
    """Everything a line asks for. Of two lines with equal remainders, the greater one gets the cent."""
    return (
        line.unit_price_cents,
        line.quantity,
        line.discount_percentage,
        line.discount_amount_cents,
        sorted(line.taxes),
        line.sold_id,
    )
