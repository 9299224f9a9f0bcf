"""GET /billing/cart and GET /billing/cart/list."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from carelane.carts.listing import access
from carelane.carts.listing.schemas import MAX_LISTED, MAX_PAGE_SIZE, PAGE_SIZE, CartFilters, SortBy
from carelane.carts.schemas import CartOut, CartsOut
from carelane.carts.states import CartStatus
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_READ
from carelane.services import Services
from carelane.web.paging import MAX_PAGE, Direction, names, word
from carelane.web.routes import ActorRequest


@get("/billing/cart", operation_id="listCarts", summary="List carts, by pages", tags=["Carts"])
async def list_carts(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Carts of one patient")] = None,
    creator_id: Annotated[str | None, word("Carts that one member of staff made")] = None,
    statuses: Annotated[list[CartStatus] | None, names("Carts in one of these")] = None,
    page: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE)] = 1,
    size: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
    sort_by: FromQuery[SortBy] = "created_date",
    sort_direction: FromQuery[Direction] = "desc",
    search: Annotated[
        str | None,
        word(
            "A part of the patient's or the creator's name, of the status or of the name of an item or package in the cart; or"
            " the whole id of the cart or the patient. Each of these finds its newest 1,000 carts; items and packages are"
            " looked for in the newest 10,000."
        ),
    ] = None,
) -> CartsOut:
    """The organization's carts, newest first unless asked otherwise. Archived ones are left out. A `total` of 10,000 and
    more may be two seconds old."""
    request.auth.require(BILLING_READ)
    filters = CartFilters(
        patient_id=_id(request.auth, patient_id),
        creator_id=_id(request.auth, creator_id),
        statuses=tuple(dict.fromkeys(statuses)) if statuses else None,
        sort_by=sort_by,
        sort_direction=sort_direction,
        limit=size,
        offset=(page - 1) * size,
    )
    return await access.get_page(services, request.auth, filters, search)


@get("/billing/cart/list", operation_id="listNewestCarts", summary="List the newest carts", tags=["Carts"])
async def list_newest_carts(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Carts of one patient")] = None,
    status: FromQuery[CartStatus | None] = None,
) -> list[CartOut]:
    """The newest 1,000 carts that fit, in full. Whoever has more asks for pages."""
    request.auth.require(BILLING_READ)
    filters = CartFilters(
        patient_id=_id(request.auth, patient_id), statuses=(status,) if status else None, limit=MAX_LISTED
    )
    return await access.list_newest(services, request.auth, filters)


def _id(actor: Actor, name: str | None) -> UUID | None:
    return record_id(actor.organization_id, name) if name is not None else None
