"""What lines come to, and which of them can go back. No I/O."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.ledger.entries import in_proportion
from carelane.payments.lines.queries import LineRow
from carelane.payments.lines.schemas import RefundItemIn


class Worth(msgspec.Struct, frozen=True):
    """A line and its part of the charge's total."""

    line: LineRow
    cents: int

    @property
    def quantity_left(self) -> int:
        return self.line.quantity - self.line.given_quantity

    @property
    def cents_left(self) -> int:
        return max(self.cents - self.line.given_cents, 0)

    def cents_of(self, quantity: int) -> int:
        """What the next pieces come to: with the last one, all that is left."""
        by_then = self.cents * (self.line.given_quantity + quantity) // max(self.line.quantity, 1)
        return max(by_then - self.line.given_cents, 0)


class Part(msgspec.Struct, frozen=True):
    """So many of a line, and what they come to."""

    line: LineRow
    quantity: int
    cents: int


def worths(lines: Sequence[LineRow]) -> list[Worth]:
    """Each charge's lines come to its total, together: its own discount is spread over what they came to."""
    found = list[Worth]()
    for _, group in groupby(lines, lambda one: one.charge_id):
        of_charge = list(group)
        found += [Worth(line, cents) for line, cents in zip(of_charge, _spread(of_charge), strict=True)]
    return found


def _spread(lines: Sequence[LineRow]) -> list[int]:
    whole, discount = lines[0].charge_total_cents, lines[0].charge_discount_cents
    totals = [line.total_cents for line in lines]
    discounts = in_proportion(min(discount, sum(totals)), totals) if sum(totals) else [0] * len(lines)
    each = [line.total_cents - off + line.tax_cents for line, off in zip(lines, discounts, strict=True)]
    if sum(each) == whole:
        return each
    # Of a charge whose tax is not its lines': what it came to, as they stand to each other.
    return in_proportion(max(whole, 0), each) if sum(each) else [0] * len(lines)


def parts_of(items: Sequence[RefundItemIn], known: Sequence[Worth]) -> list[Part]:
    """Raises InvalidRequestError, which names each item that cannot go back."""
    if not known:
        problem = "expected none: what the payment paid for has no lines, give back an amount"
        raise InvalidRequestError(problems=[FieldProblem("items", problem)])
    by_id = {one.line.id: one for one in known}
    if problems := list(_problems(items, by_id)):
        raise InvalidRequestError(problems=problems)
    return [_part(by_id[_id(item)], item) for item in items]


def _part(worth: Worth, item: RefundItemIn) -> Part:
    quantity = worth.quantity_left if item.quantity is None else item.quantity
    return Part(worth.line, quantity, worth.cents_of(quantity))


def _problems(items: Sequence[RefundItemIn], by_id: dict[UUID, Worth]) -> Iterator[FieldProblem]:
    seen = set[UUID]()
    for number, item in enumerate(items):
        worth = by_id.get(_id(item))
        if worth is None:
            yield FieldProblem(f"items[{number}].id", "expected an item of a charge that the payment paid")
        elif worth.line.id in seen:
            yield FieldProblem(f"items[{number}].id", "expected each item once")
        elif worth.quantity_left <= 0:
            yield FieldProblem(
                f"items[{number}].id", "expected an item of which something is left; all of it went back"
            )
        elif item.quantity is not None and item.quantity > worth.quantity_left:
            yield FieldProblem(f"items[{number}].quantity", f"expected 1 to {worth.quantity_left}, which are left")
        seen.add(_id(item))


def _id(item: RefundItemIn) -> UUID:
    return parse_uuid(item.id) or UUID(int=0)


def refuse_sum(parts: Sequence[Part], left_cents: int, said_cents: int | None, shown: Callable[[int], str]) -> None:
    """`shown`: an amount as the caller writes it. Raises InvalidRequestError."""
    whole = sum(part.cents for part in parts)
    if whole <= 0:
        raise _wrong("items", "expected items that were paid for: these come to nothing")
    if said_cents is not None and said_cents != whole:
        raise _wrong("amount", f"expected {shown(whole)}, which the items come to, or no amount")
    if whole > left_cents:
        raise _wrong(
            "items",
            f"expected items of at most {shown(left_cents)}, which is left of the payment; these are {shown(whole)}",
        )


def by_charge(parts: Sequence[Part]) -> dict[UUID, int]:
    found = dict[UUID, int]()
    for part in parts:
        found[part.line.charge_id] = found.get(part.line.charge_id, 0) + part.cents
    return {charge_id: cents for charge_id, cents in found.items() if cents}


def _wrong(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem(field, problem)])
