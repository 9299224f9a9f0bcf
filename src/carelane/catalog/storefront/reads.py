"""Reads of the catalogue as a storefront shows it to everybody."""

from uuid import UUID

from carelane.catalog.storefront import queries
from carelane.catalog.storefront.queries import ShownCatalog
from carelane.kit.auth import Actor
from carelane.permissions import STOREFRONT_READ, requires
from carelane.services import Services


@requires(STOREFRONT_READ)
async def list_shown(services: Services, actor: Actor, form_id: UUID | None) -> ShownCatalog:
    """The visible bundles with the forms they ask, and the form `form_id`."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_shown(conn, actor.organization_id, form_id)
