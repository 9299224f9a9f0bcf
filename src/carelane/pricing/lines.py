"""From what callers ask for to priced lines, of carts and of quotes alike. Draws ids; no I/O.

A line is a row of `cart_lines` or `quote_lines`. The two tables have the same columns, except for the name of the one that
holds what people wrote.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.damage import shown
from carelane.kit.db import Sealed
from carelane.kit.decimals import rounded_decimal
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import DataKey, Phi
from carelane.pricing import arithmetic
from carelane.pricing.schemas import MAX_LINES, LineIn, LinePatch
from carelane.taxes.schemas import Sold, Tax, applicable

_WITHIN_MAXIMUM = f"expected a total of at most {MAX_CENTS} cents"


class Chargeable(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a charge can be made from: carts and quotes have this in common, besides their lines."""

    patient_id: UUID
    creator_id: UUID | None
    location_id: UUID | None
    currency: str
    discount_amount_cents: int
    discount_percentage: Decimal
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int


class RequestedLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line from a body. Exactly one of the two ids is set; without a price, the catalog's price is used."""

    # Where the line is in the body, with a dot at the end: `items[0].`; empty when the body is the line.
    path: str
    ref: str
    product_id: UUID | None
    bundle_id: UUID | None
    quantity: Decimal
    unit_price_cents: int | None
    discount_amount_cents: int
    discount_percentage: Decimal
    text: str | None


class LineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is stored. `text` (a cart line's notes, a quote line's description) is still sealed, in hex."""

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
    text: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def sold_id(self) -> UUID | None:
        return self.product_id or self.bundle_id

    def sealed_text(self) -> Sealed | None:
        """For a bytea column, through `to_json`."""
        return None if self.text is None else Sealed(bytes.fromhex(self.text))


class SoldItem(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    currency: str
    shown: ItemOut


class SoldPackage(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    currency: str
    category: str | None
    shown: PackageTinyOut


class Catalog(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What lines sell, and the taxes of the place where they sell it. `currency` is the organization's."""

    currency: str
    taxes: list[Tax]
    items: list[SoldItem]
    packages: list[SoldPackage]

    @cached_property
    def sold(self) -> dict[UUID | None, SoldItem | SoldPackage]:
        """By the id of the product or bundle."""
        known: dict[UUID | None, SoldItem | SoldPackage] = {}
        known.update((item.id, item) for item in self.items)
        known.update((package.id, package) for package in self.packages)
        return known

    @cached_property
    def tax_rates(self) -> dict[UUID | None, tuple[arithmetic.TaxRate, ...]]:
        """By the id of the product or bundle."""
        return {
            sold_id: tuple(arithmetic.TaxRate(tax.percentage, tax.id) for tax in applicable(self.taxes, _taxed(sold)))
            for sold_id, sold in self.sold.items()
        }


def requested_line(organization_id: UUID, line: LineIn, text: str | None, path: str = "") -> RequestedLine:
    """`line` must have passed `line_problems`."""
    item, package = line.item_id, line.package_id
    return RequestedLine(
        path=path,
        ref=item or package or "",
        product_id=record_id(organization_id, item) if item is not None else None,
        bundle_id=record_id(organization_id, package) if package is not None else None,
        quantity=rounded_decimal(line.quantity),
        unit_price_cents=line.unit_price,
        discount_amount_cents=line.discount_amount,
        discount_percentage=rounded_decimal(line.discount_percentage),
        text=text,
    )


def refuse_unknown(texts: Sequence[str]) -> None:
    """Raises RecordNotFoundError that names everything unknown, if anything is."""
    if texts:
        raise RecordNotFoundError("; ".join(texts))


def unknown_texts(requested: Iterable[RequestedLine], catalog: Catalog) -> list[str]:
    """What the catalog does not have, in words, each once."""
    return list(
        dict.fromkeys(
            f"no {'item' if line.product_id else 'package'} {line.ref} here"
            for line in requested
            if (line.product_id or line.bundle_id) not in catalog.sold
        )
    )


def unsellable_problems(
    requested: Iterable[RequestedLine], catalog: Catalog, present: Iterable[LineRow] = ()
) -> list[FieldProblem]:
    """What is in the catalog but cannot be added: archived (unless a line already sells it), or priced in another currency."""
    already_sold = {line.sold_id for line in present}
    problems: list[FieldProblem] = []
    for line in requested:
        sold = catalog.sold[line.product_id or line.bundle_id]
        field = f"{line.path}{'itemId' if line.product_id else 'packageId'}"
        if sold.shown.is_archived and sold.id not in already_sold:
            problems.append(FieldProblem(field, f"expected one that is sold; {line.ref} is archived"))
        if sold.currency != catalog.currency:
            problems.append(FieldProblem(field, f"expected one priced in {catalog.currency}, not {sold.currency}"))
    return problems


def full_problems(present: Sequence[LineRow], whole: str) -> list[FieldProblem]:
    """One problem if `whole`, a cart or a quote, has no room for another line."""
    return [FieldProblem("itemId", f"expected a {whole} of fewer than {MAX_LINES} lines")] * (len(present) >= MAX_LINES)


def new_row(data_key: DataKey, place: str, requested: RequestedLine, catalog: Catalog, now: datetime) -> LineRow:
    """The row of a new line, not priced yet. `place` is the column its text is sealed for: `table.column`."""
    line_id = uuid7()
    sold = catalog.sold[requested.product_id or requested.bundle_id]
    price = sold.shown.price if requested.unit_price_cents is None else requested.unit_price_cents
    return LineRow(
        id=line_id,
        position=0,
        product_id=requested.product_id,
        bundle_id=requested.bundle_id,
        quantity=requested.quantity,
        unit_price_cents=price,
        discount_amount_cents=requested.discount_amount_cents,
        discount_percentage=requested.discount_percentage,
        tax_cents=0,
        total_cents=0,
        text=seal_text(data_key, place, line_id, requested.text),
        created_at=now,
        updated_at=now,
    )


def patched(row: LineRow, patch: LinePatch, text: str | None, now: datetime) -> LineRow:
    """The line with what the patch names, not priced yet. `text` is the new one, sealed."""
    sent: dict[str, Any] = {
        "quantity": None if patch.quantity is None else rounded_decimal(patch.quantity),
        "unit_price_cents": patch.unit_price,
        "discount_amount_cents": patch.discount_amount,
        "discount_percentage": None
        if patch.discount_percentage is None
        else rounded_decimal(patch.discount_percentage),
        "text": text,
    }
    changes = {name: value for name, value in sent.items() if value is not None}
    return msgspec.structs.replace(row, **changes, updated_at=now) if changes else row


def seal_text(data_key: DataKey, place: str, row_id: UUID, text: str | None) -> str | None:
    """Sealed, in hex."""
    return None if text is None else data_key.seal(text.encode(), place, row_id).hex()


def show_text(data_key: DataKey, place: str, row_id: UUID, sealed: str | None) -> str | None:
    """For whoever only looks: one that does not open is shown as damaged."""
    return None if sealed is None else shown(data_key, bytes.fromhex(sealed), place, row_id)


def open_text(data_key: DataKey, place: str, row_id: UUID, sealed: str | None) -> str | None:
    """For whoever writes it somewhere else. Raises UnsealError."""
    return None if sealed is None else data_key.open(bytes.fromhex(sealed), place, row_id).decode()


def price_rows(
    rows: Sequence[LineRow],
    catalog: Catalog,
    discount_amount_cents: int,
    discount_percentage: Decimal,
    now: datetime,
    *,
    whole: str,
    paths: Mapping[UUID, str] | None = None,
) -> tuple[dict[str, int], list[LineRow]]:
    """The total amounts, by column, and the rows with their own, numbered in order. Rows that change are updated `now`.

    Raises RuleBrokenError for amounts above MAX_CENTS. It names the quantity of the line that is too large, whose path in the
    body is in `paths`, or else the field `whole`.
    """
    priced = arithmetic.price([_line(row, catalog) for row in rows], discount_amount_cents, discount_percentage)
    refuse(_excess_problems(priced, [(paths or {}).get(row.id, "") for row in rows], whole))
    amounts = {
        "subtotal_cents": priced.subtotal_cents,
        "discount_cents": priced.discount_cents,
        "tax_cents": priced.tax_cents,
        "total_cents": priced.total_cents,
    }
    numbered = enumerate(zip(rows, priced.lines, strict=True))
    return amounts, [_with_amounts(row, position, line, now) for position, (row, line) in numbered]


def _excess_problems(priced: arithmetic.Priced, paths: Sequence[str], whole: str) -> list[FieldProblem]:
    """`paths` are those of the lines, in their order."""
    problems = [
        FieldProblem(f"{path}quantity", _WITHIN_MAXIMUM)
        for path, line in zip(paths, priced.lines, strict=True)
        if line.gross_cents > MAX_CENTS
    ]
    if not problems and max(priced.subtotal_cents, priced.total_cents) > MAX_CENTS:
        problems.append(FieldProblem(whole, _WITHIN_MAXIMUM))
    return problems


def _line(row: LineRow, catalog: Catalog) -> arithmetic.Line:
    return arithmetic.Line(
        sold_id=catalog.sold[row.sold_id].id,
        quantity=row.quantity,
        unit_price_cents=row.unit_price_cents,
        discount_amount_cents=row.discount_amount_cents,
        discount_percentage=row.discount_percentage,
        taxes=catalog.tax_rates[row.sold_id],
    )


def _taxed(sold: SoldItem | SoldPackage) -> Sold:
    if isinstance(sold, SoldPackage):
        return Sold(type="PACKAGE", category=sold.category)
    exempted = frozenset(UUID(tax_id) for tax_id in sold.shown.exempted_tax_ids or ())
    return Sold(type=sold.shown.type, category=sold.shown.category, exempted_tax_ids=exempted)


def _with_amounts(row: LineRow, position: int, line: arithmetic.PricedLine, now: datetime) -> LineRow:
    if (row.position, row.tax_cents, row.total_cents) == (position, line.tax_cents, line.total_cents):
        return row
    return msgspec.structs.replace(
        row, position=position, tax_cents=line.tax_cents, total_cents=line.total_cents, updated_at=now
    )
