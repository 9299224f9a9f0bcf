"""Reads of products and bundles for administrators, those that are not sold any more too."""

from collections.abc import Iterable
from uuid import UUID

from carelane.catalog.desk import queries
from carelane.catalog.desk.schemas import OfferedBundleOut, OfferedBundlesOut, PartsOut, SoldProductOut, SoldProductsOut
from carelane.catalog.desk.views import show_bundle, show_product
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.web.paging import Wanted

NOBODY = UUID(int=0)


@requires(CATALOG_READ)
async def list_products(services: Services, actor: Actor, wanted: Wanted) -> SoldProductsOut:
    """By name. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_products(conn, actor.organization_id, wanted)
    return SoldProductsOut(products=[show_product(row) for row in rows], total=total)


@requires(CATALOG_READ)
async def get_product(services: Services, actor: Actor, ref: str) -> SoldProductOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_product(conn, actor.organization_id, parse_uuid(ref) or NOBODY)
    if row is None:
        raise RecordNotFoundError("no such product here")
    return show_product(row)


@requires(CATALOG_READ)
async def list_bundles(services: Services, actor: Actor, wanted: Wanted) -> OfferedBundlesOut:
    """By name. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_bundles(conn, actor.organization_id, wanted)
    return OfferedBundlesOut(bundles=[show_bundle(row) for row in rows], total=total)


@requires(CATALOG_READ)
async def get_bundle(services: Services, actor: Actor, ref: str) -> OfferedBundleOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_bundle(conn, actor.organization_id, parse_uuid(ref) or NOBODY)
    if row is None:
        raise RecordNotFoundError("no such bundle here")
    return show_bundle(row)


@requires(CATALOG_READ)
async def get_parts(services: Services, actor: Actor, chosen: Iterable[str] = ()) -> PartsOut:
    """What the forms of the catalog let one pick from; `chosen`: the ids of what is picked, which are in it whatever their names."""
    ids = [one for one in map(parse_uuid, chosen) if one is not None]
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.get_parts(conn, actor.organization_id, ids)
