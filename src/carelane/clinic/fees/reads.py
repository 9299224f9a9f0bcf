"""What a case's payment is made of."""

from carelane.clinic.fees.schemas import PaymentFeesOut
from carelane.clinic.fees.views import fees_out
from carelane.kit.auth import Actor
from carelane.payments.accounts.queries import get_terms
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def list_fees(services: Services, actor: Actor) -> PaymentFeesOut:
    """All of them, in their order."""
    async with services.db.reading(actor.organization_id) as conn:
        return fees_out(await get_terms(conn, actor.organization_id))
