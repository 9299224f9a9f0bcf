"""The read of a clinic in the billing dialect."""

from carelane.kit.auth import Actor
from carelane.organizations.billing import queries
from carelane.organizations.billing.schemas import PublicTenantOut
from carelane.organizations.logos.views import url_of
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services


@requires(CATALOG_READ)
async def get_tenant(services: Services, actor: Actor, base: str) -> PublicTenantOut:
    """The caller's own clinic. `base` is where addresses of ours begin."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.get_tenant(conn, actor.organization_id)
    return PublicTenantOut(
        name=found.name,
        sub_domain=found.tenant,
        home_page=services.settings.public_url or "",
        phone_number=found.phone_number or "",
        logo_url=url_of(base, found.logo) if found.logo else "",
        receipt_logo_url=url_of(base, found.receipt_logo) if found.receipt_logo else None,
    )
