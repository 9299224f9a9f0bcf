"""What the reconciler does by the clock, at once: so that what a test kept from us is told."""

from carelane.kit.auth import system_actor
from carelane.payments.reconciling import queries
from carelane.payments.reconciling.actions import read_events
from carelane.services import Services


async def read_all(services: Services) -> None:
    """The events of all accounts."""
    async with services.db.across() as conn:
        accounts = await queries.list_accounts(conn)
    for account in accounts:
        await read_events(services, system_actor(account.organization_id), account.id)
