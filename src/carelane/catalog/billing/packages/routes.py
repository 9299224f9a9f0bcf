"""/inventory/packages: the bundles of the catalogue, as the billing dialect sells them."""

from functools import partial
from typing import Annotated

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from carelane.catalog.billing.packages import actions, queries
from carelane.catalog.billing.packages.schemas import PackageFilters, PackageIn, PackageOut, PackagePageOut, SortBy
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.permissions import CATALOG_READ, CATALOG_WRITE
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key, run_once
from carelane.web.paging import PAGE, PER_PAGE, Direction, names, page_of, pattern, ranges_of, word
from carelane.web.routes import ActorRequest

_TAGS = ["Packages"]
_PackageId = Annotated[str, PathParameter(description="Id of the package")]


@get("/inventory/packages/list", operation_id="listPackages", summary="List packages", tags=_TAGS)
async def list_packages(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: Annotated[SortBy | None, QueryParameter(description="Without it name")] = None,
    sort_direction: FromQuery[Direction | None] = None,
    location_id: Annotated[str | None, word("Changes nothing: packages are sold at every location")] = None,  # noqa: ARG001
    ids: Annotated[list[str] | None, names("Packages by id")] = None,
    name: Annotated[str | None, word("A part of the name")] = None,
    price: Annotated[list[int] | None, QueryParameter(description="Lowest and highest price in cents")] = None,
    contains_items: Annotated[list[str] | None, names("Items that must all be in it")] = None,
    number_of_active_patients: Annotated[list[int] | None, QueryParameter(description="Least and most")] = None,
    category: Annotated[str | None, word("The whole name of a category")] = None,
) -> PackagePageOut:
    """The organization's packages that are not archived, a page at a time."""
    request.auth.require(CATALOG_READ)
    organization_id = request.auth.organization_id
    ranges = ranges_of({"price": price, "number_of_active_patients": number_of_active_patients})

    def uuids(given: list[str] | None) -> list[str] | None:
        return [str(record_id(organization_id, one)) for one in given] if given is not None else None

    filters = PackageFilters(
        ids=uuids(ids),
        name=pattern(name) if name is not None else None,
        contains_items=uuids(contains_items),
        category=category,
        **ranges,
    )
    order = sort_by or "name", sort_direction or "asc"
    async with services.db.reading(organization_id) as conn:
        found, total = await queries.list_packages(conn, organization_id, filters, order, page_of(page, per_page))
    return PackagePageOut(data=found, total=total)


@get(
    "/inventory/packages/{package_id:str}",
    operation_id="getPackage",
    summary="Get a package",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_package(request: ActorRequest, services: NamedDependency[Services], package_id: _PackageId) -> PackageOut:
    """One package with what is in it."""
    request.auth.require(CATALOG_READ)
    organization_id = request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        found = await queries.find_package(conn, organization_id, record_id(organization_id, package_id))
    if found is None or found.is_archived:
        raise RecordNotFoundError(f"no package {package_id} here")
    return found


@post(
    "/inventory/packages/create",
    operation_id="createPackage",
    summary="Create a package",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError, RuleBrokenError), "repeatable": True},
)
async def create_package(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PackageIn]
) -> PackageOut:
    """Makes a bundle in the organization's currency. Storefronts of the care dialect are told that it is not visible."""
    actor = request.auth
    actor.require(CATALOG_WRITE)
    request_key = await read_key(request)
    return await run_once(services, actor, request_key, partial(actions.create_package, actor=actor, body=data))


@put(
    "/inventory/packages/update/{package_id:str}",
    operation_id="updatePackage",
    summary="Replace a package",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, RuleBrokenError)},
)
async def update_package(
    request: ActorRequest, services: NamedDependency[Services], package_id: _PackageId, data: JSONBody[PackageIn]
) -> PackageOut:
    """All of it is replaced, but for `items` and `isArchived` where they are absent or null. `isArchived: false` brings an
    archived package back; any other change of one is answered 404."""
    request.auth.require(CATALOG_WRITE)
    async with services.db.transaction(request.auth) as conn:
        return await actions.replace_package(conn, request.auth, package_id, data)


@delete(
    "/inventory/packages/delete/{package_id:str}",
    operation_id="deletePackage",
    summary="Archive a package",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (RecordNotFoundError,)},
)
async def delete_package(request: ActorRequest, services: NamedDependency[Services], package_id: _PackageId) -> bool:
    """Archives it: neither dialect sells or lists it any more, and what was sold still shows it."""
    request.auth.require(CATALOG_WRITE)
    async with services.db.transaction(request.auth) as conn:
        return await actions.archive_package(conn, request.auth, package_id)


PACKAGES = [list_packages, get_package, create_package, update_package, delete_package]
