"""The sales tax report on the wire."""

from datetime import date, datetime
from uuid import UUID

import msgspec

# Days of one report.
MAX_DAYS = 366


class SalesTaxRowOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`SalesTaxReportRow`. Amounts are cents, and negative where more went back than was sold. Sales are after discounts, without tax.
    Everything is counted as retail, as the vendor does: services, gifts and memberships are always 0."""

    date: str
    location_name: str
    retail_taxable: int
    service_taxable: int = 0
    gift_taxable: int = 0
    mbr_taxable: int = 0
    total_taxable: int
    retail_tax: int
    service_tax: int = 0
    gift_tax: int = 0
    mbr_tax: int = 0
    total_tax: int
    exempt: int
    gross_sales: int


class ReportedPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """From `begins_at` until just before `ends_at`; days are those of `timezone`. Without `location_ids` all places."""

    begins_at: datetime
    ends_at: datetime
    timezone: str
    location_ids: list[UUID] | None


class DaySales(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    location_name: str
    sales_cents: int
    taxable_cents: int
    tax_cents: int
