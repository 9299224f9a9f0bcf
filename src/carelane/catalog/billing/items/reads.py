"""Reads of items."""

from carelane.catalog.billing.items import queries
from carelane.catalog.billing.items.schemas import ItemFilters, ItemPageOut, SortBy
from carelane.kit.auth import Actor
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.web.paging import Direction, Page


@requires(CATALOG_READ)
async def list_items(
    services: Services, actor: Actor, filters: ItemFilters, order: tuple[SortBy, Direction], page: Page
) -> ItemPageOut:
    """One page of those that fit the filters."""
    async with services.db.reading(actor.organization_id) as conn:
        found, total = await queries.list_items(conn, actor.organization_id, filters, order, page)
    return ItemPageOut(data=found, total=total)


@requires(CATALOG_READ)
async def list_brand_names(services: Services, actor: Actor) -> list[str]:
    """Each once, without those of archived items only."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_brands(conn, actor.organization_id)
