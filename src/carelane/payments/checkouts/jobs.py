"""The worker's part: patients who paid and never came back, where no webhook told."""

from uuid import UUID

from carelane.kit.auth import system_actor
from carelane.payments.checkouts import queries
from carelane.payments.checkouts.applying import apply_checkouts
from carelane.services import Services

# Of one organization at a time; each costs a call or two.
MOST_LOOKED_AT = 500


async def look_at_begun(services: Services, organization_id: UUID) -> None:
    """Asks the gateway what came of the checkouts of the last hour. Raises GatewayError."""
    async with services.db.reading(organization_id) as conn:
        payment_ids = await queries.list_begun(conn, organization_id, MOST_LOOKED_AT)
    for payment_id in payment_ids:
        await apply_checkouts(services, system_actor(organization_id), payment_id)
