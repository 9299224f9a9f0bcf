"""/api/staff/billing/ledger and /api/staff/billing/books."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.ledger.schemas import Code
from carelane.payments.books import reads
from carelane.payments.books.schemas import BooksOut, PostingFilter, PostingPageOut
from carelane.services import Services
from carelane.web.paging import AFTER, PAGE_LIMIT, read_place
from carelane.web.periods import FIRST_DAY, LAST_DAY, TZ, read_span
from carelane.web.routes import ActorRequest, Routes
from carelane.web.wire import uuid_string

routes = Routes(tag="Staff: billing")


@routes.get("/billing/ledger", "List postings of the ledger")
async def list_postings(
    request: ActorRequest,
    services: NamedDependency[Services],
    account: Annotated[Code | None, QueryParameter(description="Those that debit or credit such an account")] = None,
    charge_id: Annotated[str | None, QueryParameter(name="chargeId", description="UUID of a charge")] = None,
    first: Annotated[str | None, FIRST_DAY] = None,
    last: Annotated[str | None, LAST_DAY] = None,
    tz: Annotated[str | None, TZ] = None,
    after: Annotated[str | None, AFTER] = None,
    limit: Annotated[int, PAGE_LIMIT] = 50,
) -> PostingPageOut:
    """Newest first, each with the record that it is about and who did that. Holds no health information."""
    span = read_span(first, last, tz)
    wanted = PostingFilter(
        account=account,
        charge_id=uuid_string("chargeId", charge_id),
        begins_at=span.begins_at,
        ends_at=span.ends_at,
        after=read_place("after", after),
    )
    return await reads.list_postings(services, request.auth, wanted, limit)


@routes.get("/billing/books", "Get what the accounts came to")
async def get_books(request: ActorRequest, services: NamedDependency[Services]) -> BooksOut:
    """By kind of account, and how many lines of the gateways' own lists the books do not explain. `GET
    /api/staff/payments/findings` lists those."""
    return await reads.get_books(services, request.auth)
