"""/inventory/items: the products of the catalogue, as the billing dialect sells them."""

from functools import partial
from typing import Annotated

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from carelane.catalog.billing.items import actions, queries
from carelane.catalog.billing.items.schemas import (
    BulkTaxPatch,
    ItemDetailOut,
    ItemFilters,
    ItemIn,
    ItemPageOut,
    ItemPatch,
    ItemType,
    SortBy,
    StockedItemOut,
)
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.permissions import CATALOG_READ, CATALOG_WRITE
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key, run_once
from carelane.web.paging import PAGE, PER_PAGE, Direction, names, page_of, pattern, ranges_of, word
from carelane.web.routes import ActorRequest

_TAGS = ["Items"]


@get("/inventory/items/list", operation_id="listItems", summary="List items", tags=_TAGS)
async def list_items(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: Annotated[SortBy | None, QueryParameter(description="Without it sort_order, then name")] = None,
    sort_direction: FromQuery[Direction | None] = None,
    location_id: Annotated[str | None, word("Changes nothing: items are sold at every location")] = None,  # noqa: ARG001
    ids: Annotated[list[str] | None, names("Items by id")] = None,
    name: Annotated[str | None, word("A part of the name")] = None,
    category: Annotated[str | None, word("The whole name of a category")] = None,
    price_range: Annotated[list[int] | None, QueryParameter(description="Lowest and highest price in cents")] = None,
    is_archived: Annotated[
        bool | None, QueryParameter(description="Only the archived, or only the others; without it the others")
    ] = None,
    is_physical: FromQuery[bool | None] = None,
    item_type: FromQuery[ItemType | None] = None,
) -> ItemPageOut:
    """The organization's items, a page at a time."""
    request.auth.require(CATALOG_READ)
    organization_id = request.auth.organization_id
    filters = ItemFilters(
        ids=[str(record_id(organization_id, one)) for one in ids] if ids is not None else None,
        name=pattern(name) if name is not None else None,
        category=category,
        price_range=ranges_of({"price_range": price_range})["price_range"],
        is_archived=is_archived or False,
        is_physical=is_physical,
        item_type=item_type,
    )
    order = sort_by or "sort_order", sort_direction or "asc"
    async with services.db.reading(organization_id) as conn:
        found, total = await queries.list_items(conn, organization_id, filters, order, page_of(page, per_page))
    return ItemPageOut(data=found, total=total)


@post(
    "/inventory/items/create",
    operation_id="createItem",
    summary="Create an item",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError, RuleBrokenError), "repeatable": True},
)
async def create_item(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ItemIn]
) -> ItemDetailOut:
    """Makes a product that both dialects sell, in the organization's currency."""
    actor = request.auth
    actor.require(CATALOG_WRITE)
    request_key = await read_key(request)
    return await run_once(services, actor, request_key, partial(actions.create_item, actor=actor, body=data))


@put(
    "/inventory/items/update/{id:str}",
    operation_id="updateItem",
    summary="Change an item",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, RuleBrokenError)},
)
async def update_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: Annotated[str, PathParameter(description="Id of the item")],  # noqa: A002 - its name in the path
    data: JSONBody[ItemPatch],
) -> StockedItemOut:
    """What is absent or null stays. A new price counts for lines made from now on. `isArchived: false` brings an archived
    item back; any other change of one is answered 404."""
    request.auth.require(CATALOG_WRITE)
    async with services.db.transaction(request.auth) as conn:
        return await actions.change_item(conn, request.auth, id, data)


@delete(
    "/inventory/items/delete/{id:str}",
    operation_id="deleteItem",
    summary="Archive an item",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (RecordNotFoundError,)},
)
async def delete_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: Annotated[str, PathParameter(description="Id of the item")],  # noqa: A002 - its name in the path
) -> bool:
    """Archives it: neither dialect sells it any more, and what was sold still shows it."""
    request.auth.require(CATALOG_WRITE)
    async with services.db.transaction(request.auth) as conn:
        return await actions.archive_item(conn, request.auth, id)


@get("/inventory/items/brand-names", operation_id="listItemBrandNames", summary="List brand names", tags=_TAGS)
async def list_brand_names(request: ActorRequest, services: NamedDependency[Services]) -> list[str]:
    """The brand names of all items that are not archived, each once."""
    request.auth.require(CATALOG_READ)
    async with services.db.reading(request.auth.organization_id) as conn:
        return await queries.list_brands(conn, request.auth.organization_id)


@post(
    "/inventory/items/bulk-update-taxes",
    operation_id="bulkUpdateItemTaxes",
    summary="Say which taxes items escape",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, RuleBrokenError), "repeatable": True},
)
async def bulk_update_taxes(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BulkTaxPatch]
) -> list[StockedItemOut]:
    """All items of the request or none; each escapes the named taxes and no others."""
    actor = request.auth
    actor.require(CATALOG_WRITE)
    request_key = await read_key(request)
    return await run_once(services, actor, request_key, partial(actions.change_taxes, actor=actor, body=data))


ITEMS = [list_items, create_item, update_item, delete_item, list_brand_names, bulk_update_taxes]
