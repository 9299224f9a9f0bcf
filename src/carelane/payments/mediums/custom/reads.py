"""Reads of payment mediums."""

from carelane.kit.auth import Actor
from carelane.payments.mediums.custom import queries
from carelane.payments.mediums.custom.schemas import MediumOut
from carelane.payments.mediums.custom.views import show_built_in, show_medium
from carelane.payments.mediums.reads import BUILT_IN, EXTERNAL
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def list_mediums(services: Services, actor: Actor) -> list[MediumOut]:
    """Those that are built in, then the clinic's own, archived ones too."""
    async with services.db.reading(actor.organization_id) as conn:
        since = await queries.get_since(conn, actor.organization_id)
        own = await queries.list_mediums(conn, actor.organization_id)
    return [show_built_in(name, since) for name in BUILT_IN] + [show_medium(row) for row in own]


@requires(BILLING_READ)
async def list_external(services: Services, actor: Actor) -> list[MediumOut]:
    """By which a payment can have come that was made outside."""
    async with services.db.reading(actor.organization_id) as conn:
        since = await queries.get_since(conn, actor.organization_id)
        own = await queries.list_mediums(conn, actor.organization_id)
    return [show_built_in(name, since) for name in EXTERNAL] + [show_medium(row) for row in own if not row.is_archived]
