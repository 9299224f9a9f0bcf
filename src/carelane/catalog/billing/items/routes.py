"""/inventory/items: the products of the catalogue, as the billing dialect sells them."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from carelane.catalog.billing.items import actions, reads
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
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import PAGE, PER_PAGE, Direction, names, page_of, pattern, ranges_of, word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Items", body=EitherCaseBody)

ItemId = Annotated[str, PathParameter(description="Id of the item")]


@routes.get("/inventory/items/list", "List items")
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
    filters = ItemFilters(
        ids=[str(record_id(request.auth.organization_id, one)) for one in ids] if ids is not None else None,
        name=pattern(name) if name is not None else None,
        category=category,
        price_range=ranges_of({"price_range": price_range})["price_range"],
        is_archived=is_archived or False,
        is_physical=is_physical,
        item_type=item_type,
    )
    order = sort_by or "sort_order", sort_direction or "asc"
    return await reads.list_items(services, request.auth, filters, order, page_of(page, per_page))


@routes.post(
    "/inventory/items/create",
    "Create an item",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    repeatable=True,
)
async def create_item(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ItemIn]
) -> ItemDetailOut:
    """Makes a product that both dialects sell, in the organization's currency."""
    return await actions.create_item(services, request.auth, data, await read_key(request))


@routes.put("/inventory/items/update/{id:str}", "Change an item", errors=(RecordNotFoundError, RuleBrokenError))
async def update_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: ItemId,  # noqa: A002 - its name in the path
    data: JSONBody[ItemPatch],
) -> StockedItemOut:
    """What is absent or null stays. A new price counts for lines made from now on. `isArchived: false` brings an archived
    item back; any other change of one is answered 404."""
    return await actions.update_item(services, request.auth, id, data)


@routes.delete("/inventory/items/delete/{id:str}", "Archive an item", errors=(RecordNotFoundError,))
async def delete_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: ItemId,  # noqa: A002 - its name in the path
) -> bool:
    """Archives it: neither dialect sells it any more, and what was sold still shows it."""
    return await actions.archive_item(services, request.auth, id)


@routes.get("/inventory/items/brand-names", "List brand names")
async def list_item_brand_names(request: ActorRequest, services: NamedDependency[Services]) -> list[str]:
    """The brand names of all items that are not archived, each once."""
    return await reads.list_brand_names(services, request.auth)


@routes.post(
    "/inventory/items/bulk-update-taxes",
    "Say which taxes items escape",
    errors=(RecordNotFoundError, RuleBrokenError),
    repeatable=True,
)
async def bulk_update_item_taxes(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BulkTaxPatch]
) -> list[StockedItemOut]:
    """All items of the request or none; each escapes the named taxes and no others."""
    return await actions.update_taxes(services, request.auth, data, await read_key(request))
