"""POST /pharmacies/{pharmacyId}/callbacks, and what staff see and do about callbacks that found no order."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import (
    BodyTooLargeError,
    BodyTooSlowError,
    EncodedBodyError,
    FieldProblem,
    InvalidRequestError,
    RuleBrokenError,
)
from carelane.kit.ids import parse_uuid
from carelane.orders.inbox import actions, queries
from carelane.orders.inbox.errors import CallbackJudgedError, CallbackNotFoundError
from carelane.orders.inbox.schemas import CallbackTakenOut, InboxPageOut, MatchedOut, MatchIn
from carelane.permissions import ORDERS_READ, ORDERS_WORK
from carelane.pharmacies.errors import CallbackRefusedError, CallbackUnreadableError
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import JsonBody


@post(
    "/{pharmacy_id:str}/callbacks",
    operation_id="takeCallback",
    summary="Tell how an order goes",
    tags=["Pharmacies"],
    status_code=200,
    opt={
        "errors": (CallbackRefusedError, CallbackUnreadableError, BodyTooLargeError, EncodedBodyError, BodyTooSlowError)
    },
)
async def post_callback(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    pharmacy_id: Annotated[str, PathParameter(description="UUID of the pharmacy")],
) -> CallbackTakenOut:
    """Takes a pharmacy's message about one of its orders, signed as its adapter says. Kept before it is answered."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    request_id = request.scope["state"].get("request_id")
    verdict = await actions.take_callback(services, pharmacy_id, headers, await request.body(), request_id)
    return CallbackTakenOut(status=verdict)


@get(
    "/pharmacy-inbox",
    operation_id="listPharmacyInbox",
    summary="List callbacks without an order",
    tags=["Staff: orders"],
)
async def list_inbox(
    request: ActorRequest,
    services: NamedDependency[Services],
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> InboxPageOut:
    """Messages of pharmacies that name no order we know, or that could not be read. Newest first, without what they say."""
    request.auth.require(ORDERS_READ)
    place = parse_uuid(after) if after else None
    if after and place is None:
        raise InvalidRequestError(problems=[FieldProblem("after", "expected a UUID")])
    organization_id = request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        found = await queries.list_inbox(conn, organization_id, place, limit + 1)
    return InboxPageOut(callbacks=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


@post(
    "/pharmacy-inbox/{callback_id:str}/match",
    operation_id="matchCallback",
    summary="Match a callback with its order",
    tags=["Staff: orders"],
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (CallbackNotFoundError, CallbackJudgedError, RuleBrokenError)},
)
async def match_callback(
    request: ActorRequest,
    services: NamedDependency[Services],
    callback_id: Annotated[str, PathParameter(description="UUID of the callback")],
    data: JSONBody[MatchIn],
) -> MatchedOut:
    """Lets a message that waits act on the order that you name; it must be one of the same pharmacy."""
    request.auth.require(ORDERS_WORK)
    wanted = parse_uuid(callback_id)
    if wanted is None:
        raise CallbackNotFoundError
    status = await actions.match_callback(services, request.auth, wanted, data.order_id)
    return MatchedOut(id=wanted, order_id=data.order_id, status=status)
