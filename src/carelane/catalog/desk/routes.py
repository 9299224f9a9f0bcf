"""/api/staff/catalog/products and /api/staff/catalog/bundles."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.catalog.desk import actions, reads
from carelane.catalog.desk.schemas import (
    OfferedBundleIn,
    OfferedBundleOut,
    OfferedBundlesOut,
    PartsOut,
    SoldProductIn,
    SoldProductOut,
    SoldProductsOut,
)
from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.paging import IS_ACTIVE, LIMIT, OFFSET, PART_OF_NAME, Wanted
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

Word = Annotated[str | None, PART_OF_NAME]
IsActive = Annotated[bool | None, IS_ACTIVE]
Limit = Annotated[int, LIMIT]
Offset = Annotated[int, OFFSET]
ProductId = Annotated[str, PathParameter(description="UUID of the product")]
BundleId = Annotated[str, PathParameter(description="UUID of the bundle")]


@routes.get("/catalog/parts", "List what records can name")
async def list_catalog_parts(request: ActorRequest, services: NamedDependency[Services]) -> PartsOut:
    """Products, bundles, forms, taxes and locations by name, and the clinic's currency."""
    return await reads.get_parts(services, request.auth)


@routes.get("/catalog/products", "List products")
async def list_catalog_products(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Word = None,
    is_active: IsActive = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> SoldProductsOut:
    """By name, those that are not sold any more too."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_products(services, request.auth, wanted)


@routes.post("/catalog/products", "Make a product", errors=(RuleBrokenError,), repeatable=True)
async def create_catalog_product(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SoldProductIn]
) -> SoldProductOut:
    """Sold from now on, in the clinic's currency."""
    return await actions.create_product(services, request.auth, data, await read_key(request))


@routes.get("/catalog/products/{product_id:str}", "Get a product", errors=(RecordNotFoundError,))
async def get_catalog_product(
    request: ActorRequest, services: NamedDependency[Services], product_id: ProductId
) -> SoldProductOut:
    """With the version to send when it is changed."""
    return await reads.get_product(services, request.auth, product_id)


@routes.put(
    "/catalog/products/{product_id:str}",
    "Change a product",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_product(
    request: ActorRequest, services: NamedDependency[Services], product_id: ProductId, data: JSONBody[SoldProductIn]
) -> SoldProductOut:
    """As a whole. `isActive` false archives it. A price counts for what is sold from now on."""
    return await actions.change_product(services, request.auth, product_id, data, await read_key(request))


@routes.get("/catalog/bundles", "List bundles")
async def list_catalog_bundles(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Word = None,
    is_active: IsActive = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> OfferedBundlesOut:
    """By name, archived ones too."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_bundles(services, request.auth, wanted)


@routes.post("/catalog/bundles", "Make a bundle", errors=(RuleBrokenError,), repeatable=True)
async def create_catalog_bundle(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[OfferedBundleIn]
) -> OfferedBundleOut:
    """Shown by storefronts from now on, unless it is not visible."""
    return await actions.create_bundle(services, request.auth, data, await read_key(request))


@routes.get("/catalog/bundles/{bundle_id:str}", "Get a bundle", errors=(RecordNotFoundError,))
async def get_catalog_bundle(
    request: ActorRequest, services: NamedDependency[Services], bundle_id: BundleId
) -> OfferedBundleOut:
    """With the version to send when it is changed."""
    return await reads.get_bundle(services, request.auth, bundle_id)


@routes.put(
    "/catalog/bundles/{bundle_id:str}",
    "Change a bundle",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_bundle(
    request: ActorRequest, services: NamedDependency[Services], bundle_id: BundleId, data: JSONBody[OfferedBundleIn]
) -> OfferedBundleOut:
    """As a whole. `isArchived` true archives it."""
    return await actions.change_bundle(services, request.auth, bundle_id, data, await read_key(request))
