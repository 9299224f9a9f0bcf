"""The organization's settings."""

from carelane.clinic.organization.queries import get_organization
from carelane.clinic.organization.schemas import OrganizationSettingsOut
from carelane.clinic.organization.views import settings_out
from carelane.kit.auth import Actor
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def get_settings(services: Services, actor: Actor) -> OrganizationSettingsOut:
    """As they stand."""
    async with services.db.reading(actor.organization_id) as conn:
        return settings_out(await get_organization(conn, actor.organization_id), services.settings)
