"""What an organization shows to whoever asks: found by its link name, read as a visitor."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.organizations.branding import queries
from carelane.organizations.branding.queries import FoundStorefront, ShownOrganization
from carelane.permissions import STOREFRONT_READ, VISITOR, requires
from carelane.services import Services


async def find_storefront(
    services: Services, *, link_name: str | None = None, organization_id: UUID | None = None
) -> FoundStorefront | None:
    """The storefront with this link name, in whatever case it is spelled, or of this organization. One round trip.

    There is none unless the organization has branding.
    """
    # What is longer is nobody's name, and PostgreSQL's text cannot hold U+0000.
    name = None if link_name is None or len(link_name) > 63 or "\0" in link_name else link_name.strip().lower()
    if not name and organization_id is None:
        return None
    async with services.db.across() as conn:
        return await queries.find_storefront(conn, organization_id, name)


def visitor(organization_id: UUID, request_id: str | None = None) -> Actor:
    """Somebody who looks at the organization's storefront and has not said who they are."""
    return Actor(organization_id, "visitor", None, VISITOR, request_id)


@requires(STOREFRONT_READ)
async def get_shown(services: Services, actor: Actor) -> ShownOrganization:
    """The organization's name and branding."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.get_shown(conn, actor.organization_id)
