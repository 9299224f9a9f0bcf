"""From what callers ask for to priced lines, of carts and of quotes alike. Pure.

A line is a row of `cart_lines` or `quote_lines`: the two have the same columns, but for the name of what people wrote in it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

import msgspec

from carelane.carts import pricing
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.db import Sealed
from carelane.kit.decimals import decimal_of, decimals_problem
from carelane.kit.errors import FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id, uuid7
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import DataKey, Phi
from carelane.taxes.rules import Sold, Tax, applicable

MAX_LINES = 500
_HELD = f"expected a total of at most {MAX_CENTS} cents"


class LineSent(Protocol):
    """A line as both dialect bodies have it; `quantity` and the percentage are JSON numbers."""

    @property
    def item_id(self) -> str | None: ...
    @property
    def package_id(self) -> str | None: ...
    @property
    def quantity(self) -> float: ...
    @property
    def unit_price(self) -> int | None: ...
    @property
    def discount_amount(self) -> int: ...
    @property
    def discount_percentage(self) -> float: ...


class LinePatch(Protocol):
    """What of a line is to be changed, as both dialect bodies have it; None leaves it as it is."""

    @property
    def quantity(self) -> float | None: ...
    @property
    def unit_price(self) -> int | None: ...
    @property
    def discount_amount(self) -> int | None: ...
    @property
    def discount_percentage(self) -> float | None: ...


class WantedLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line somebody wants. Exactly one of the two ids is there; without a price the catalogue's counts."""

    # Where it stands in the body, ending with a dot: `items[0].`; nothing when the body is the line.
    place: str
    name: str
    product_id: UUID | None
    bundle_id: UUID | None
    quantity: Decimal
    unit_price_cents: int | None
    discount_amount_cents: int
    discount_percentage: Decimal
    words: str | None


class LineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is kept. `words` (a cart line's notes, a quote line's description) is still sealed, in hex."""

    id: UUID
    position: int
    product_id: UUID | None
    bundle_id: UUID | None
    quantity: Decimal
    unit_price_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    total_cents: int
    words: str | None
    created_at: datetime
    updated_at: datetime

    def sealed_words(self) -> Sealed | None:
        """For a bytea column, through `to_json`."""
        return None if self.words is None else Sealed(bytes.fromhex(self.words))


class SoldItem(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    currency: str
    shown: ItemOut


class SoldPackage(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    currency: str
    category: str | None
    shown: PackageTinyOut


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What lines sell, and the taxes of the place where they sell it. `currency` is the organization's."""

    currency: str
    taxes: list[Tax]
    items: list[SoldItem]
    packages: list[SoldPackage]

    @cached_property
    def sold(self) -> dict[UUID | None, SoldItem | SoldPackage]:
        known: dict[UUID | None, SoldItem | SoldPackage] = {}
        known.update((item.id, item) for item in self.items)
        known.update((package.id, package) for package in self.packages)
        return known

    @cached_property
    def tax_rates(self) -> dict[UUID | None, tuple[pricing.TaxRate, ...]]:
        """What is raised on each thing that is sold."""
        return {
            sold_id: tuple(pricing.TaxRate(tax.percentage, tax.id) for tax in applicable(self.taxes, _taxed(sold)))
            for sold_id, sold in self.sold.items()
        }


def broken_rules(line: LineSent, place: str = "") -> list[FieldProblem]:
    """What is wrong with a line by itself, beyond the types and bounds of its members."""
    problems = [
        *decimals_problem(line.quantity, f"{place}quantity"),
        *decimals_problem(line.discount_percentage, f"{place}discountPercentage"),
    ]
    if (line.item_id is None) == (line.package_id is None):
        problems.append(FieldProblem(f"{place}itemId", "expected exactly one of itemId and packageId"))
    return problems


def wanted_line(organization_id: UUID, line: LineSent, words: str | None, place: str = "") -> WantedLine:
    """Of a line that breaks no rule."""
    item, package = line.item_id, line.package_id
    return WantedLine(
        place=place,
        name=item or package or "",
        product_id=record_id(organization_id, item) if item is not None else None,
        bundle_id=record_id(organization_id, package) if package is not None else None,
        quantity=decimal_of(line.quantity),
        unit_price_cents=line.unit_price,
        discount_amount_cents=line.discount_amount,
        discount_percentage=decimal_of(line.discount_percentage),
        words=words,
    )


def unknown(wanted: Iterable[WantedLine], catalogue: Catalogue) -> list[str]:
    """What is not here, in words, each once."""
    known = catalogue.sold
    return list(
        dict.fromkeys(
            f"no {'item' if line.product_id else 'package'} {line.name} here"
            for line in wanted
            if (line.product_id or line.bundle_id) not in known
        )
    )


def unsellable(
    wanted: Iterable[WantedLine], catalogue: Catalogue, present: Iterable[LineRow] = ()
) -> list[FieldProblem]:
    """What is here and cannot be added: archived (unless a line has it already), or priced in another currency."""
    known, held = catalogue.sold, {line.product_id or line.bundle_id for line in present}
    problems: list[FieldProblem] = []
    for line in wanted:
        sold = known[line.product_id or line.bundle_id]
        field = f"{line.place}{'itemId' if line.product_id else 'packageId'}"
        if sold.shown.is_archived and sold.id not in held:
            problems.append(FieldProblem(field, f"expected one that is sold; {line.name} is archived"))
        if sold.currency != catalogue.currency:
            problems.append(FieldProblem(field, f"expected one priced in {catalogue.currency}, not {sold.currency}"))
    return problems


def too_many(present: Sequence[LineRow], whole: str) -> list[FieldProblem]:
    """When one line more is one too many for `whole`, a cart or a quote."""
    return [FieldProblem("itemId", f"expected a {whole} of fewer than {MAX_LINES} lines")] * (len(present) >= MAX_LINES)


def refuse(unknowns: Sequence[str], problems: Sequence[FieldProblem]) -> None:
    """Raises RecordNotFoundError that names everything unknown, else RuleBrokenError with every problem."""
    if unknowns:
        raise RecordNotFoundError("; ".join(unknowns))
    if problems:
        raise RuleBrokenError(problems=list(problems))


def new_row(data_key: DataKey, place: str, wanted: WantedLine, catalogue: Catalogue, now: datetime) -> LineRow:
    """The row of a new line, not priced yet. `place` is the column its words are sealed for: `table.column`."""
    line_id = uuid7()
    sold = catalogue.sold[wanted.product_id or wanted.bundle_id]
    price = sold.shown.price if wanted.unit_price_cents is None else wanted.unit_price_cents
    return LineRow(
        id=line_id,
        position=0,
        product_id=wanted.product_id,
        bundle_id=wanted.bundle_id,
        quantity=wanted.quantity,
        unit_price_cents=price,
        discount_amount_cents=wanted.discount_amount_cents,
        discount_percentage=wanted.discount_percentage,
        tax_cents=0,
        total_cents=0,
        words=seal_words(data_key, place, line_id, wanted.words),
        created_at=now,
        updated_at=now,
    )


def patched(row: LineRow, patch: LinePatch, words: str | None, now: datetime) -> LineRow:
    """The line with what the patch names, not priced yet. `words`: the new ones, sealed."""
    sent: dict[str, Any] = {
        "quantity": None if patch.quantity is None else decimal_of(patch.quantity),
        "unit_price_cents": patch.unit_price,
        "discount_amount_cents": patch.discount_amount,
        "discount_percentage": None if patch.discount_percentage is None else decimal_of(patch.discount_percentage),
        "words": words,
    }
    changes = {name: value for name, value in sent.items() if value is not None}
    return msgspec.structs.replace(row, **changes, updated_at=now) if changes else row


def seal_words(data_key: DataKey, place: str, line_id: UUID, words: str | None) -> str | None:
    """For `LineRow.words`."""
    return None if words is None else data_key.seal(words.encode(), place, line_id).hex()


def open_words(data_key: DataKey, place: str, line_id: UUID, words: str | None) -> str | None:
    return None if words is None else data_key.open(bytes.fromhex(words), place, line_id).decode()


def price_rows(
    rows: Sequence[LineRow],
    catalogue: Catalogue,
    discount_amount_cents: int,
    discount_percentage: Decimal,
    now: datetime,
) -> tuple[pricing.Priced, list[LineRow]]:
    """What all comes to, and the rows with what each comes to, numbered as they stand; what changed is updated `now`."""
    lines = [_line(row, catalogue) for row in rows]
    priced = pricing.price(lines, discount_amount_cents, discount_percentage)
    return priced, [
        _with_amounts(row, position, line, now)
        for position, (row, line) in enumerate(zip(rows, priced.lines, strict=True))
    ]


def too_much(priced: pricing.Priced, wanted: Sequence[str], whole: str = "items") -> list[FieldProblem]:
    """Where more than MAX_CENTS came together. `wanted` are the places of the lines, in their order."""
    problems = [
        FieldProblem(f"{place}quantity", _HELD)
        for place, line in zip(wanted, priced.lines, strict=True)
        if line.gross_cents > MAX_CENTS
    ]
    if not problems and max(priced.subtotal_cents, priced.total_cents) > MAX_CENTS:
        problems.append(FieldProblem(whole, _HELD))
    return problems


def _line(row: LineRow, catalogue: Catalogue) -> pricing.Line:
    return pricing.Line(
        sold_id=catalogue.sold[row.product_id or row.bundle_id].id,
        quantity=row.quantity,
        unit_price_cents=row.unit_price_cents,
        discount_amount_cents=row.discount_amount_cents,
        discount_percentage=row.discount_percentage,
        taxes=catalogue.tax_rates[row.product_id or row.bundle_id],
    )


def _taxed(sold: SoldItem | SoldPackage) -> Sold:
    if isinstance(sold, SoldPackage):
        return Sold(type="PACKAGE", category=sold.category)
    exempted = frozenset(UUID(tax_id) for tax_id in sold.shown.exempted_tax_ids or ())
    return Sold(type=sold.shown.type, category=sold.shown.category, exempted_tax_ids=exempted)


def _with_amounts(row: LineRow, position: int, line: pricing.PricedLine, now: datetime) -> LineRow:
    same = (row.position, row.tax_cents, row.total_cents) == (position, line.tax_cents, line.total_cents)
    if same:
        return row
    return msgspec.structs.replace(
        row, position=position, tax_cents=line.tax_cents, total_cents=line.total_cents, updated_at=now
    )
