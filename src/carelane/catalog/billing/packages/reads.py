"""Reads of packages. Archived ones are not there."""

from carelane.catalog.billing.packages import queries
from carelane.catalog.billing.packages.schemas import PackageFilters, PackageOut, PackagePageOut, SortBy
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.web.paging import Direction, Page


@requires(CATALOG_READ)
async def list_packages(
    services: Services, actor: Actor, filters: PackageFilters, order: tuple[SortBy, Direction], page: Page
) -> PackagePageOut:
    """One page of those that fit the filters."""
    async with services.db.reading(actor.organization_id) as conn:
        found, total = await queries.list_packages(conn, actor.organization_id, filters, order, page)
    return PackagePageOut(data=found, total=total)


@requires(CATALOG_READ)
async def get_package(services: Services, actor: Actor, ref: str) -> PackageOut:
    """Raises RecordNotFoundError."""
    package_id = record_id(actor.organization_id, ref)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_package(conn, actor.organization_id, package_id)
    if found is None or found.is_archived:
        raise RecordNotFoundError(f"no package {ref} here")
    return found
