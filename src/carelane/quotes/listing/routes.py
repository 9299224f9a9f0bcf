"""GET /billing/quote/list."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.permissions import BILLING_READ
from carelane.quotes.listing import access
from carelane.quotes.listing.schemas import MAX_PAGE, MAX_PAGE_SIZE, PAGE_SIZE, QuoteFilters, QuotePageOut
from carelane.quotes.states import QuoteStatus
from carelane.services import Services
from carelane.web.routes import ActorRequest


@get("/billing/quote/list", operation_id="listQuotes", summary="List quotes", tags=["Quotes"])
async def list_quotes(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, QueryParameter(name="patient_id")] = None,
    creator_id: Annotated[str | None, QueryParameter(name="creator_id")] = None,
    cart_id: Annotated[str | None, QueryParameter(name="cart_id")] = None,
    status: Annotated[QuoteStatus | None, QueryParameter(name="status")] = None,
    page: Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE)] = 1,
    size: Annotated[int, QueryParameter(name="size", ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
) -> QuotePageOut:
    """One page of the quotes that fit all filters, newest first. An id that is unknown fits nothing."""
    request.auth.require(BILLING_READ)
    filters = QuoteFilters(
        patient_id=patient_id, creator_id=creator_id, cart_id=cart_id, status=status, page=page, size=size
    )
    data_key = await services.keyring.data_key(request.auth.organization_id)
    async with services.db.transaction(request.auth) as conn:
        return await access.list_quotes(conn, request.auth, data_key, filters)
