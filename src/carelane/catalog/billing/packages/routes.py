"""/inventory/packages: the bundles of the catalogue, as the billing dialect sells them."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from carelane.catalog.billing.packages import actions, reads
from carelane.catalog.billing.packages.schemas import PackageFilters, PackageIn, PackageOut, PackagePageOut, SortBy
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import PAGE, PER_PAGE, Direction, names, page_of, pattern, ranges_of, word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Packages", body=EitherCaseBody)

PackageId = Annotated[str, PathParameter(description="Id of the package")]


@routes.get("/inventory/packages/list", "List packages")
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
    contains_items: Annotated[
        list[str] | None, names("Names of items that must all be in it, whole and in any case")
    ] = None,
    number_of_active_patients: Annotated[list[int] | None, QueryParameter(description="Least and most")] = None,
    category: Annotated[str | None, word("The whole name of a category")] = None,
) -> PackagePageOut:
    """The organization's packages that are not archived, a page at a time."""
    filters = PackageFilters(
        ids=[str(record_id(request.auth.organization_id, one)) for one in ids] if ids is not None else None,
        name=pattern(name) if name is not None else None,
        contains_items=contains_items,
        category=category,
        **ranges_of({"price": price, "number_of_active_patients": number_of_active_patients}),
    )
    order = sort_by or "name", sort_direction or "asc"
    return await reads.list_packages(services, request.auth, filters, order, page_of(page, per_page))


@routes.get("/inventory/packages/{package_id:str}", "Get a package", errors=(RecordNotFoundError,))
async def get_package(request: ActorRequest, services: NamedDependency[Services], package_id: PackageId) -> PackageOut:
    """One package with what is in it."""
    return await reads.get_package(services, request.auth, package_id)


@routes.post(
    "/inventory/packages/create",
    "Create a package",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    repeatable=True,
)
async def create_package(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PackageIn]
) -> PackageOut:
    """Makes a bundle in the organization's currency. Storefronts of the care dialect are told that it is not visible."""
    return await actions.create_package(services, request.auth, data, await read_key(request))


@routes.put(
    "/inventory/packages/update/{package_id:str}", "Replace a package", errors=(RecordNotFoundError, RuleBrokenError)
)
async def update_package(
    request: ActorRequest, services: NamedDependency[Services], package_id: PackageId, data: JSONBody[PackageIn]
) -> PackageOut:
    """All of it is replaced, but for `items` and `isArchived` where they are absent or null. `isArchived: false` brings an
    archived package back; any other change of one is answered 404."""
    return await actions.replace_package(services, request.auth, package_id, data)


@routes.delete("/inventory/packages/delete/{package_id:str}", "Archive a package", errors=(RecordNotFoundError,))
async def delete_package(request: ActorRequest, services: NamedDependency[Services], package_id: PackageId) -> bool:
    """Archives it: neither dialect sells or lists it any more, and what was sold still shows it."""
    return await actions.archive_package(services, request.auth, package_id)
