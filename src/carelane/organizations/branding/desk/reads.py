"""Branding as administrators see it."""

from carelane.kit.auth import Actor
from carelane.organizations.branding import queries
from carelane.organizations.branding.desk.schemas import BrandingOut
from carelane.organizations.branding.desk.views import show_branding
from carelane.organizations.logos.queries import list_logos
from carelane.organizations.logos.views import show_logos
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def get_branding(services: Services, actor: Actor, base: str = "") -> BrandingOut:
    """Also of an organization that has none yet. `base` is where addresses of ours begin."""
    async with services.db.reading(actor.organization_id) as conn:
        shown = await queries.get_shown(conn, actor.organization_id)
        logos = await list_logos(conn, actor.organization_id)
    return show_branding(shown.name, shown.branding, show_logos(logos, base))
