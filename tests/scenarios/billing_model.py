"""What carts, quotes and charges should do, said a second time: pricing in fractions, lifecycles as plain rules."""

from fractions import Fraction
from math import floor
from typing import Any

import msgspec

# Raised everywhere, in the order of nothing: the first on all, the second on items only.
SALES_TAX, ITEM_TAX = Fraction("8.265"), Fraction(1)


class Line(msgspec.Struct, kw_only=True):
    """One line as its caller sent it; `price` is the price that counts."""

    id: str = ""
    is_item: bool
    quantity: Fraction
    price: int
    amount: int = 0
    percentage: Fraction = Fraction(0)

    @property
    def gross(self) -> int:
        return half_up(self.quantity * self.price)

    @property
    def total(self) -> int:
        return self.gross - min(self.gross, half_up(self.gross * self.percentage / 100) + self.amount)

    @property
    def taxes(self) -> list[Fraction]:
        return [SALES_TAX, ITEM_TAX] if self.is_item else [SALES_TAX]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    subtotal: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.tax


class Offer(msgspec.Struct, kw_only=True):
    """What a cart and a quote have in common."""

    id: str
    status: str = "DRAFT"
    lines: list[Line] = msgspec.field(default_factory=list)
    amount: int = 0
    percentage: Fraction = Fraction(0)
    charge_id: str | None = None

    def totals(self) -> Totals:
        subtotal = sum(line.total for line in self.lines)
        discount = min(subtotal, half_up(subtotal * self.percentage / 100) + self.amount)
        shares = spread(discount, self.lines)
        tax = sum(
            half_up((line.total - share) * rate / 100)
            for line, share in zip(self.lines, shares, strict=True)
            for rate in line.taxes
        )
        return Totals(subtotal=subtotal, discount=discount, tax=tax)


class Cart(Offer, kw_only=True):
    is_locked: bool = False
    is_archived: bool = False

    @property
    def may_change(self) -> bool:
        return self.status == "DRAFT" and not self.is_locked


class Quote(Offer, kw_only=True):
    cart: Cart

    @property
    def is_pending(self) -> bool:
        return self.status in {"DRAFT", "SENT", "VIEWED"}

    @property
    def is_open(self) -> bool:
        return self.status in {"SENT", "VIEWED"}


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def spread(discount: int, lines: list[Line]) -> list[int]:
    """By largest remainder; among equals the dearer, then the larger, then the less discounted line comes first."""
    whole = sum(line.total for line in lines)
    if whole == 0:
        return [0] * len(lines)
    exact = [Fraction(discount * line.total, whole) for line in lines]
    shares = [floor(share) for share in exact]

    def claim(n: int) -> tuple[Any, ...]:
        line = lines[n]
        return (shares[n] - exact[n], -line.price, -line.quantity, line.percentage, line.amount, not line.is_item)

    for n in sorted(range(len(lines)), key=claim)[: discount - sum(shares)]:
        shares[n] += 1
    return shares
