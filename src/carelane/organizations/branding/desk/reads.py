"""Branding as administrators see it."""

from carelane.kit.auth import Actor
from carelane.organizations.branding import queries
from carelane.organizations.branding.desk.schemas import BrandingOut
from carelane.organizations.branding.desk.views import show_branding
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def get_branding(services: Services, actor: Actor) -> BrandingOut:
    """Also of an organization that has none yet."""
    async with services.db.reading(actor.organization_id) as conn:
        shown = await queries.get_shown(conn, actor.organization_id)
    return show_branding(shown.name, shown.branding)
