"""The table of invoices. The read is recorded: an invoice names its patient."""

from carelane import events
from carelane.bills.invoices import queries, views
from carelane.bills.invoices.schemas import DeskInvoicesOut, InvoiceFilters, InvoicePageOut
from carelane.kit.auth import Actor
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page


@requires(BILLING_READ)
async def list_invoice_table(services: Services, actor: Actor, filters: InvoiceFilters, page: Page) -> InvoicePageOut:
    """A page, and how many invoices there are on all pages."""
    return (await list_desk_invoices(services, actor, filters, page)).found


@requires(BILLING_READ)
async def list_desk_invoices(services: Services, actor: Actor, filters: InvoiceFilters, page: Page) -> DeskInvoicesOut:
    """The same, with what asks for test money."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        total = await queries.count_invoices(conn, actor.organization_id, filters)
        rows = await queries.list_invoices(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "invoices", actor.organization_id, "table of invoices")
    found = InvoicePageOut(data=[views.show_set(data_key, row) for row in rows], total=total)
    return DeskInvoicesOut(found=found, test_ids={str(row.id) for row in rows if row.is_test})
