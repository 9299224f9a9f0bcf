"""From rows of the sales tax report to the dialect's shape, and to CSV."""

from collections.abc import Sequence

import msgspec

from carelane.charges.tax_report.schemas import DaySales, SalesTaxRowOut
from carelane.web.spreadsheets import csv_lines


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
    names = [field.encode_name for field in msgspec.structs.fields(SalesTaxRowOut)]
    return csv_lines([names, *(msgspec.structs.astuple(row) for row in rows)])
