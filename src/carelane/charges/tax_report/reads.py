"""Reading the sales tax report. It names no patient."""

from carelane.charges.tax_report import queries
from carelane.charges.tax_report.schemas import ReportedPeriod, SalesTaxRowOut
from carelane.charges.tax_report.views import show_row
from carelane.kit.auth import Actor
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def list_sales_tax(services: Services, actor: Actor, period: ReportedPeriod) -> list[SalesTaxRowOut]:
    """By day and place, oldest first."""
    async with services.db.transaction(actor) as conn:
        return [show_row(row) for row in await queries.list_sales(conn, actor.organization_id, period)]
