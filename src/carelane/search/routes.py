"""/api/staff/search"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.search import reads
from carelane.search.schemas import MAX_LIMIT, MAX_QUERY_CHARACTERS, Kind, SearchOut, SearchQuery
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: search")


@routes.get("/search", "Find patients, cases and orders")
async def search_records(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[
        str,
        QueryParameter(
            max_length=MAX_QUERY_CHARACTERS,
            description="A name, an e-mail address, a telephone number, a short id, an order's or tracking number, or their "
            "beginning; or an id. Empty: what the member looked at last",
        ),
    ] = "",
    kind: Annotated[list[Kind] | None, QueryParameter(description="Only these; may be repeated")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many of each kind at most")] = 20,
) -> SearchOut:
    """One box for everything. Whoever may not see health information finds orders only. Names are found by the beginning of any
    of their words, in any spelling of accents and apostrophes."""
    query = SearchQuery(text=q, kinds=frozenset(kind) if kind else None, limit=limit)
    return await reads.search(services, request.auth, query)
