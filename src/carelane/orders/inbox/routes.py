"""POST /pharmacies/{pharmacyId}/callbacks, and what staff see and do about callbacks that found no order."""

from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import BodyTooLargeError, BodyTooSlowError, EncodedBodyError, RuleBrokenError
from carelane.orders.errors import CallbackJudgedError, CallbackNotFoundError
from carelane.orders.inbox import actions, reads
from carelane.orders.inbox.schemas import (
    CallbackDetailOut,
    CallbackTakenOut,
    DismissedOut,
    DismissIn,
    InboxPageOut,
    MatchedOut,
    MatchIn,
)
from carelane.pharmacies.errors import CallbackRefusedError, CallbackUnreadableError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Pharmacies")
staff_routes = Routes(tag="Staff: orders")


@routes.post(
    "/{pharmacy_id:str}/callbacks",
    "Tell how an order goes",
    errors=(CallbackRefusedError, CallbackUnreadableError, BodyTooLargeError, EncodedBodyError, BodyTooSlowError),
)
async def take_callback(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    pharmacy_id: Annotated[str, PathParameter(description="UUID of the pharmacy")],
) -> CallbackTakenOut:
    """Takes a pharmacy's message about one of its orders, signed as its adapter says. Kept before it is answered."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    request_id = request.scope["state"].get("request_id")
    verdict = await actions.take_callback(services, pharmacy_id, headers, await request.body(), request_id)
    return CallbackTakenOut(status=verdict)


@staff_routes.get("/pharmacy-inbox", "List callbacks without an order")
async def list_pharmacy_inbox(
    request: ActorRequest,
    services: NamedDependency[Services],
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> InboxPageOut:
    """Messages of pharmacies that name no order we know, or that could not be read. Newest first, without what they say."""
    return await reads.list_inbox(services, request.auth, after, limit)


@staff_routes.post(
    "/pharmacy-inbox/{callback_id:str}/match",
    "Match a callback with its order",
    errors=(CallbackNotFoundError, CallbackJudgedError, RuleBrokenError),
)
async def match_callback(
    request: ActorRequest,
    services: NamedDependency[Services],
    callback_id: Annotated[str, PathParameter(description="UUID of the callback")],
    data: JSONBody[MatchIn],
) -> MatchedOut:
    """Lets a message that waits act on the order that you name; it must be one of the same pharmacy."""
    return await actions.match_callback(services, request.auth, callback_id, data)


@staff_routes.get("/pharmacy-inbox/{callback_id:str}", "Read a callback", errors=(CallbackNotFoundError,))
async def get_callback(
    request: ActorRequest,
    services: NamedDependency[Services],
    callback_id: Annotated[str, PathParameter(description="UUID of the callback")],
) -> CallbackDetailOut:
    """What the message says and, while it waits for its order, which orders it may be about. The look at it is recorded."""
    return await reads.get_callback(services, request.auth, callback_id)


@staff_routes.post(
    "/pharmacy-inbox/{callback_id:str}/dismiss",
    "Dismiss a callback",
    errors=(CallbackNotFoundError, CallbackJudgedError),
    repeatable=True,
)
async def dismiss_callback(
    request: ActorRequest,
    services: NamedDependency[Services],
    callback_id: Annotated[str, PathParameter(description="UUID of the callback")],
    data: JSONBody[DismissIn],
) -> DismissedOut:
    """Lays a message aside that is about no order of ours, or cannot be read. It is kept, with the reason."""
    return await actions.dismiss_callback(services, request.auth, callback_id, data, await read_key(request))
