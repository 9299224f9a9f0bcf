"""PUT /billing/quote/{quote_id} and its lines."""

from typing import Annotated

from litestar import delete, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.types import ControllerRouterHandler

from carelane.carts.lines import broken_rules
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import BILLING_WRITE
from carelane.quotes.editing import actions
from carelane.quotes.editing.schemas import QuoteItemIn, QuoteItemPatch, QuotePatch, patch_problems, quote_problems
from carelane.quotes.routes import QuoteName
from carelane.quotes.schemas import QuoteOut
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest

LineName = Annotated[
    str,
    PathParameter(
        description="Id of the cart's line it was copied from; or of the item or package, if one line sells it"
    ),
]
_TAGS = ["Quotes"]
_ERRORS = {"errors": (RecordNotFoundError, ConflictError, RuleBrokenError)}


@put(
    "/billing/quote/{quote_id:str}",
    operation_id="updateQuote",
    summary="Change a quote",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={**_ERRORS, "rules": quote_problems},
)
async def update_quote(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteName, data: JSONBody[QuotePatch]
) -> QuoteOut:
    """Changes what the body names, while the quote is DRAFT, SENT or VIEWED; what is absent or null stays. `status` may be SENT
    (handed over by other means) or EXPIRED (withdrawn)."""
    request.auth.require(BILLING_WRITE)
    return await actions.change_quote(services, request.auth, quote_id, data)


@post(
    "/billing/quote/{quote_id:str}/items/add",
    operation_id="addQuoteItem",
    summary="Add a line to a quote",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={**_ERRORS, "repeatable": True, "rules": broken_rules},
)
async def add_item(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteName, data: JSONBody[QuoteItemIn]
) -> QuoteOut:
    """Adds a line and prices the quote anew. Its cart stays as it is."""
    request.auth.require(BILLING_WRITE)
    return await actions.add_line(services, request.auth, quote_id, data, await read_key(request))


@put(
    "/billing/quote/{quote_id:str}/items/{item_id:str}",
    operation_id="updateQuoteItem",
    summary="Change a line of a quote",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={**_ERRORS, "rules": patch_problems},
)
async def update_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    quote_id: QuoteName,
    item_id: LineName,
    data: JSONBody[QuoteItemPatch],
) -> QuoteOut:
    """Changes what the body names of the line, and prices the quote anew."""
    request.auth.require(BILLING_WRITE)
    return await actions.change_line(services, request.auth, quote_id, item_id, data)


@delete(
    "/billing/quote/{quote_id:str}/items/{item_id:str}",
    operation_id="removeQuoteItem",
    summary="Remove a line of a quote",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (RecordNotFoundError, ConflictError)},
)
async def remove_item(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteName, item_id: LineName
) -> QuoteOut:
    """The quote without the line, priced anew. A quote that was sent keeps its last line."""
    request.auth.require(BILLING_WRITE)
    return await actions.remove_line(services, request.auth, quote_id, item_id)


EDITING: list[ControllerRouterHandler] = [update_quote, add_item, update_item, remove_item]
