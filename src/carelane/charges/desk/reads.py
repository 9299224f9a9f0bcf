"""Reads of charges for staff. Each is recorded: a charge names its patient."""

from carelane import events
from carelane.charges import queries
from carelane.charges.desk.schemas import DeskChargeDetailOut, DeskChargesOut
from carelane.charges.desk.views import show_desk_charge, show_desk_detail
from carelane.charges.lists import queries as lists
from carelane.charges.schemas import ChargeFilters
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page

# Counting goes no further.
MOST_COUNTED = 1_000


@requires(BILLING_READ)
async def list_desk_charges(services: Services, actor: Actor, filters: ChargeFilters, page: Page) -> DeskChargesOut:
    """Without `description`, which is sealed."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        total = await lists.count_charges(conn, actor.organization_id, filters)
        rows = await lists.list_charges(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "charges", actor.organization_id, "table of charges")
    return DeskChargesOut(charges=[show_desk_charge(data_key, row) for row in rows], total=total)


@requires(BILLING_READ)
async def count_outstanding(services: Services, actor: Actor) -> int:
    """Charges of which something is owed; no more than MOST_COUNTED are counted."""
    async with services.db.reading(actor.organization_id) as conn:
        return await lists.count_of_status(conn, actor.organization_id, "OUTSTANDING", MOST_COUNTED)


@requires(BILLING_READ)
async def get_desk_charge(services: Services, actor: Actor, ref: str) -> DeskChargeDetailOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_charge(conn, actor.organization_id, record_id(actor.organization_id, ref))
        if row is None:
            raise RecordNotFoundError(f"no charge {ref} here")
        await events.record_read(conn, actor, "charge", row.id, "a charge")
    return show_desk_detail(data_key, row)
