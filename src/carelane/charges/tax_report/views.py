"""From rows of the sales tax report to the dialect's shape, and to CSV."""

import csv
import io
from collections.abc import Sequence

import msgspec

from carelane.charges.tax_report.schemas import DaySales, SalesTaxRowOut

# A spreadsheet would run what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show_row(row: DaySales) -> SalesTaxRowOut:
    return SalesTaxRowOut(
        date=row.day.isoformat(),
        location_name=row.location_name,
        retail_taxable=row.taxable_cents,
        total_taxable=row.taxable_cents,
        retail_tax=row.tax_cents,
        total_tax=row.tax_cents,
        exempt=row.sales_cents - row.taxable_cents,
        gross_sales=row.sales_cents,
    )


def to_csv(rows: Sequence[SalesTaxRowOut]) -> str:
    """With the names of the members as its first line."""
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(field.encode_name for field in msgspec.structs.fields(SalesTaxRowOut))
    for row in rows:
        written.writerow(_cell(value) for value in msgspec.structs.astuple(row))
    return text.getvalue()


def _cell(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
