"""From the rows of the list to what a caller is shown."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient
from carelane.quotes.access import show_summary
from carelane.quotes.listing import queries
from carelane.quotes.listing.schemas import QuoteFilters, QuotePageOut


async def list_quotes(conn: Connection, actor: Actor, data_key: DataKey, filters: QuoteFilters) -> QuotePageOut:
    """The newest first. One line in the record of reads for the page, not one for each quote."""
    organization_id = actor.organization_id
    ids = {
        name: record_id(organization_id, value)
        for name, value in (
            ("patient_id", filters.patient_id), ("creator_id", filters.creator_id), ("cart_id", filters.cart_id)
        )
        if value is not None
    }  # fmt: skip
    found, total = await queries.list_shown(conn, organization_id, ids, filters.status, filters.page, filters.size)
    await events.record_read(conn, actor, "quotes", organization_id, "list of quotes")
    data = [show_summary(data_key, row.quote, show_patient(data_key, row.patient)) for row in found]
    return QuotePageOut(data=data, total=total)
