"""GET /api/v1/events."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes, base_url
from carelane.webhooks import reads
from carelane.webhooks.schemas import FeedAnswerOut, FeedQuery

routes = Routes(tag="Events")


@routes.get("/events", "List events")
async def list_events(
    request: ActorRequest,
    services: NamedDependency[Services],
    after: Annotated[
        str | None,
        QueryParameter(name="after", description="`after` of the answer before; 0 is the beginning, `latest` the end"),
    ] = None,
    limit: Annotated[str | None, QueryParameter(name="limit", description="1 to 100, usually 50")] = None,
) -> FeedAnswerOut:
    """The events behind a position, oldest first, as webhooks carry them with "Only Event Data". Nothing is skipped."""
    feed = await reads.list_events(services, request.auth, FeedQuery(after, limit), base_url(request, services))
    return FeedAnswerOut(data=feed)
