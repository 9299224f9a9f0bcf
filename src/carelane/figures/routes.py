"""/api/staff/figures"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.figures import reads
from carelane.figures.schemas import MAX_DAYS, USUAL_DAYS, FiguresOut, FiguresQuery
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: figures")

_FROM = f"First day, such as 2026-11-14; without it {USUAL_DAYS} days up to `to`"
_TO = f"Last day; without it today. {MAX_DAYS} days at most"


@routes.get("/figures", "Get figures by day")
async def get_figures(
    request: ActorRequest,
    services: NamedDependency[Services],
    first: Annotated[str | None, QueryParameter(name="from", description=_FROM)] = None,
    last: Annotated[str | None, QueryParameter(name="to", description=_TO)] = None,
) -> FiguresOut:
    """What came in, how long decisions took, who decided what, and money, of each day (in UTC); and where orders stand now. Counted
    every minute, from the records themselves; test cases and test money are left out. Null is what the caller may not see: all but
    orders and money needs `cases:read`, money `payments:read`. Holds no health information."""
    return await reads.get_figures(services, request.auth, FiguresQuery(first=first, last=last))
