"""Reading a tip. It names no patient."""

from carelane.charges.tips import queries
from carelane.charges.tips.schemas import TipOut
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def get_tip(services: Services, actor: Actor, ref: str) -> TipOut:
    """Raises RecordNotFoundError, also for one that was taken back."""
    tip_id = parse_uuid(ref)
    async with services.db.transaction(actor) as conn:
        found = await queries.find_tip(conn, actor.organization_id, tip_id) if tip_id else None
    if found is None:
        raise RecordNotFoundError(f"no tip {ref} here")
    return found
