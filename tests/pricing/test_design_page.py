"""The blocks of docs/design/pricing.md are what the code works out."""

import re
from decimal import Decimal
from uuid import UUID

import pytest

from carelane.kit.money import decimal_string, read_amount
from carelane.pricing.arithmetic import Line, TaxRate, price
from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "design" / "pricing.md"
BLOCKS = blocks(PAGE, "pricing")

# An amount without a currency is one of dollars; where yen or dinars are priced, each row says so.
CURRENCY = re.compile(r"(.*) in ([A-Z]{3})")
LINE = re.compile(r"([\d.]+) x ([\d.]+)(?:, less ([^,]+))?(?:, taxed ([^,]+))?")
WHOLE = re.compile(r"all(?:, less (.+))?")


def read_discount(text, currency):
    """`10 % and 5.00`, either or none, as percentage and cents."""
    percentage, cents = Decimal(0), 0
    for part in text.split(" and ") if text else ():
        if part.endswith(" %"):
            percentage += Decimal(part.removesuffix(" %"))
        else:
            cents += read_amount(part, currency)
    return percentage, cents


def read_line(text, currency):
    unit_price, quantity, discount, taxes = LINE.fullmatch(text).groups()
    percentage, cents = read_discount(discount, currency)
    rates = [Decimal(part.removesuffix(" %")) for part in taxes.split(" and ")] if taxes else []
    return Line(
        quantity=Decimal(quantity),
        unit_price_cents=read_amount(unit_price, currency),
        discount_percentage=percentage,
        discount_amount_cents=cents,
        taxes=tuple(TaxRate(rate, UUID(int=number)) for number, rate in enumerate(rates)),
    )


def worked_out(block):
    """The block as it should be, from what its rows ask for."""
    asked = [row.partition(" = ")[0].rstrip() for row in block.splitlines()]
    named = CURRENCY.fullmatch(asked[0])
    currency = named[2] if named else "USD"
    plain = [text.removesuffix(f" in {currency}") for text in asked]
    wholes = [text for text in plain if text.startswith("all")]
    lines = [read_line(text, currency) for text in plain if text not in wholes]
    percentage, cents = read_discount(WHOLE.fullmatch(wholes[0])[1], currency) if wholes else (Decimal(0), 0)
    priced = price(lines, cents, percentage)
    rows = [
        {"gross": line.gross_cents, "discount": line.discount_cents, "total": line.total_cents}
        | ({"share": line.shared_discount_cents, "tax": line.tax_cents} if wholes else {})
        for line in priced.lines
    ]
    if wholes:
        whole = {"subtotal": priced.subtotal_cents, "discount": priced.discount_cents}
        rows.append(whole | {"tax": priced.tax_cents, "total": priced.total_cents})
    return "".join(
        f"{text:<37} = {', '.join(f'{name} {decimal_string(amount, currency)}' for name, amount in row.items())}\n"
        for text, row in zip(asked, rows, strict=True)
    )


def test_the_page_has_its_blocks():
    assert len(BLOCKS) >= 6


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_what_the_code_works_out(block):
    assert block == worked_out(block)
