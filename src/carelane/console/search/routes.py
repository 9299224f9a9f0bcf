"""`/console/search`: what the box finds"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.console.frame import page
from carelane.console.patients.states import CASE_STATES, ORDER_STATES
from carelane.search.reads import search
from carelane.search.schemas import ExactOut, Kind, SearchQuery
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

# Longer texts are cut: nobody's name, address or id is longer.
_MOST_CHARACTERS = 200
_PAGES: dict[Kind, str] = {"patient": "/console/patients", "case": "/console/cases", "order": "/console/orders"}


@routes.get("/console/search")
async def find_records(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str, QueryParameter(description="What was typed")] = "",
) -> Response[Any]:
    """Whoever pastes an id is led to what has it."""
    text = q.strip()[:_MOST_CHARACTERS]
    found = await search(services, request.auth, SearchQuery(text=text))
    if found.exact is not None:
        return see_other(_path_of(found.exact))
    values = {"q": text, "found": found, "case_states": CASE_STATES, "order_states": ORDER_STATES}
    return await page(request, services, "search/found.html", values)


def _path_of(exact: ExactOut) -> str:
    return f"{_PAGES[exact.kind]}/{exact.name}"
