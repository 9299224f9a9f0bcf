"""/api/staff/order-board and /api/staff/pharmacies: orders by what happens next, and how pharmacies answer."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.orders.board import reads
from carelane.orders.board.schemas import BoardOut, BoardQuery, Column, ColumnPageOut, PharmaciesOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: orders")

PharmacyId = Annotated[str | None, QueryParameter(name="pharmacyId", description="UUID of a pharmacy")]
IsTest = Annotated[
    str | None, QueryParameter(name="isTest", description="`true`: orders of test cases; without it only real ones")
]


@routes.get("/order-board", "Orders by what happens next")
async def get_order_board(
    request: ActorRequest,
    services: NamedDependency[Services],
    pharmacy_id: PharmacyId = None,
    is_test: IsTest = None,
) -> BoardOut:
    """Each column with its count and the ten orders that wait longest. ATTENTION needs a person: given up, refused and not looked
    at yet, or ended while the pharmacy says otherwise. Patients and products are shown to whoever may read cases."""
    query = BoardQuery(pharmacy_id=pharmacy_id, is_test=is_test)
    return await reads.get_board(services, request.auth, query)


@routes.get("/order-board/{column:str}", "One column of the board")
async def get_order_column(
    request: ActorRequest,
    services: NamedDependency[Services],
    column: Annotated[Column, PathParameter(description="Which column")],
    pharmacy_id: PharmacyId = None,
    is_test: IsTest = None,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> ColumnPageOut:
    """The column in full, page by page."""
    query = BoardQuery(pharmacy_id=pharmacy_id, is_test=is_test, after=after)
    return await reads.get_column(services, request.auth, column, query, limit)


@routes.get("/pharmacies", "How pharmacies answer")
async def list_pharmacies(request: ActorRequest, services: NamedDependency[Services]) -> PharmaciesOut:
    """Each pharmacy with its orders under way, its last answer and how many calls failed since."""
    return await reads.list_pharmacies(services, request.auth)
