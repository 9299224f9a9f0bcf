"""GET /api/v1/events."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.permissions import CASES_READ
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.webhooks import access
from carelane.webhooks.schemas import FeedAnswerOut


@get("/events", operation_id="listEvents", summary="List events", tags=["Events"])
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
    request.auth.require(CASES_READ)
    base_url = (services.settings.public_url or str(request.base_url)).rstrip("/")
    return FeedAnswerOut(data=await access.read_feed(services, request.auth, access.page_of(after, limit), base_url))
