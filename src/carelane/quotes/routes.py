"""/billing/quote, and converting carts: an accepted cart is converted by converting its quote."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.carts.offers.schemas import QuoteStatus
from carelane.carts.schemas import CartId
from carelane.charges.schemas import ChargeOut
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.pricing.schemas import line_problems
from carelane.quotes import convert, expire, reads, respond
from carelane.quotes.drafting import create, edit
from carelane.quotes.schemas import (
    MAX_PAGE,
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    ConvertCartIn,
    ConvertQuoteIn,
    EditableQuoteOut,
    PublicQuoteOut,
    QuoteFilters,
    QuoteIn,
    QuoteItemIn,
    QuoteItemPatch,
    QuoteOut,
    QuotePageOut,
    QuotePatch,
    QuoteResponseIn,
    quote_patch_problems,
    quote_problems,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import page_of
from carelane.web.routes import ActorRequest, Routes

_ERRORS = (RecordNotFoundError, ConflictError, RuleBrokenError)

routes = Routes(tag="Quotes", body=EitherCaseBody)
# Beside those of the dialect, which are hung in there as they are.
staff_routes = Routes(tag="Staff: billing")
cart_routes = Routes(tag="Carts", body=EitherCaseBody)

QuoteId = Annotated[str, PathParameter(description="Id of the quote")]
LineId = Annotated[
    str,
    PathParameter(
        description="Id of the cart's line it was copied from; or of the item or package, if one line sells it"
    ),
]


@routes.post("/billing/quote", "Make a quote of a cart", errors=_ERRORS, rules=quote_problems, repeatable=True)
async def create_quote(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[QuoteIn]) -> QuoteOut:
    """A draft with the lines, discounts and amounts that the cart has at this moment. `patientId` is the cart's patient,
    `creatorId` an active member of staff who may stand for a quote."""
    return await create.create_quote(services, request.auth, data, await read_key(request))


@routes.get("/billing/quote/list", "List quotes")
async def list_quotes(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, QueryParameter(name="patient_id")] = None,
    creator_id: Annotated[str | None, QueryParameter(name="creator_id")] = None,
    cart_id: Annotated[str | None, QueryParameter(name="cart_id")] = None,
    status: Annotated[QuoteStatus | None, QueryParameter(name="status")] = None,
    page: Annotated[int, QueryParameter(name="page", ge=0, le=MAX_PAGE)] = 1,
    size: Annotated[int, QueryParameter(name="size", ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
) -> QuotePageOut:
    """One page of the quotes that fit all filters, newest first. An id that is unknown fits nothing."""
    organization_id = request.auth.organization_id
    filters = QuoteFilters(
        patient_id=record_id(organization_id, patient_id) if patient_id is not None else None,
        creator_id=record_id(organization_id, creator_id) if creator_id is not None else None,
        cart_id=record_id(organization_id, cart_id) if cart_id is not None else None,
        status=status,
    )
    return await reads.list_quotes(services, request.auth, filters, page_of(page, size))


@routes.put("/billing/quote/{quote_id:str}", "Change a quote", errors=_ERRORS, rules=quote_patch_problems)
async def update_quote(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId, data: JSONBody[QuotePatch]
) -> QuoteOut:
    """Changes what the body names, while the quote is DRAFT, SENT or VIEWED; what is absent or null stays. `status` may be SENT
    (handed over by other means) or EXPIRED (withdrawn)."""
    return await edit.change_quote(services, request.auth, quote_id, data)


@routes.post(
    "/billing/quote/{quote_id:str}/items/add",
    "Add a line to a quote",
    errors=_ERRORS,
    rules=line_problems,
    repeatable=True,
)
async def add_quote_item(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId, data: JSONBody[QuoteItemIn]
) -> QuoteOut:
    """Adds a line and prices the quote anew. Its cart stays as it is."""
    return await edit.add_line(services, request.auth, quote_id, data, await read_key(request))


@routes.put(
    "/billing/quote/{quote_id:str}/items/{item_id:str}",
    "Change a line of a quote",
    errors=_ERRORS,
)
async def update_quote_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    quote_id: QuoteId,
    item_id: LineId,
    data: JSONBody[QuoteItemPatch],
) -> QuoteOut:
    """Changes what the body names of the line, and prices the quote anew."""
    return await edit.change_line(services, request.auth, quote_id, item_id, data)


@routes.delete(
    "/billing/quote/{quote_id:str}/items/{item_id:str}",
    "Remove a line of a quote",
    errors=(RecordNotFoundError, ConflictError),
)
async def remove_quote_item(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId, item_id: LineId
) -> QuoteOut:
    """The quote without the line, priced anew. A quote that was sent keeps its last line."""
    return await edit.remove_line(services, request.auth, quote_id, item_id)


@routes.get("/billing/quote/{quote_id:str}", "Get a quote", errors=(RecordNotFoundError,))
async def get_quote(request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId) -> QuoteOut:
    """One quote with its lines, as staff see it."""
    return await reads.get_quote(services, request.auth, quote_id)


@staff_routes.get("/billing/quote/{quote_id:str}/editable", "Get a quote to change it", errors=(RecordNotFoundError,))
async def get_editable_quote(
    request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId
) -> EditableQuoteOut:
    """With the ids of its lines, which the routes that change one take."""
    return await reads.get_editable(services, request.auth, quote_id)


@routes.get("/billing/quote/public/{quote_id:str}", "Get a quote as its patient sees it", errors=(RecordNotFoundError,))
async def get_public_quote(
    request: ActorRequest,
    services: NamedDependency[Services],
    quote_id: QuoteId,
    update_viewed_date: Annotated[
        bool, QueryParameter(name="update_viewed_date", description="`false` for a preview by staff")
    ] = True,
) -> PublicQuoteOut:
    """For showing the quote to its patient: the first time makes a SENT quote VIEWED, if the key may write (`billing:write`).
    A draft stays one."""
    show = respond.view_quote_for_patient if update_viewed_date else reads.preview_quote
    return await show(services, request.auth, quote_id)


@routes.get(
    "/billing/quote/{quote_id:str}/view", "Preview a quote as its patient sees it", errors=(RecordNotFoundError,)
)
async def view_quote(request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId) -> PublicQuoteOut:
    """What the patient would see. Never counts as the patient's view."""
    return await reads.preview_quote(services, request.auth, quote_id)


@routes.post("/billing/quote/respond", "Accept or decline a quote", errors=_ERRORS, repeatable=True)
async def respond_to_quote(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[QuoteResponseIn]
) -> QuoteOut:
    """The patient's answer, as the caller has it: accept or decline. Only a quote that is SENT or VIEWED takes one. An accepted
    quote ends the others of its cart; a declined one rejects the cart, unless another of its quotes can still be answered."""
    return await respond.respond_to_quote(services, request.auth, data, await read_key(request))


@routes.post(
    "/billing/quote/convert-to-charge",
    "Convert an accepted quote into a charge",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def convert_quote_to_charge(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ConvertQuoteIn]
) -> ChargeOut:
    """The charge, at the price that was accepted. However often and by how many it is asked for, there is one, and each gets
    it."""
    return await convert.convert_quote(services, request.auth, data, await read_key(request))


@routes.post("/billing/quote/expire-old", "Expire quotes whose date has passed", repeatable=True)
async def expire_old_quotes(request: ActorRequest, services: NamedDependency[Services]) -> int:
    """How many quotes were expired now. The worker does the same by itself, every minute; so does whoever answers one."""
    return await expire.expire_old(services, request.auth, await read_key(request))


@cart_routes.post(
    "/billing/cart/{cart_id:str}/convert-to-charge", "Convert a cart to a charge", errors=_ERRORS, repeatable=True
)
async def convert_cart_to_charge(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, data: JSONBody[ConvertCartIn]
) -> ChargeOut:
    """Makes a charge of a cart's lines, once: whoever asks again is given the same charge. A cart whose quote was accepted
    becomes the charge of that quote. Fractions of a piece are charged as one piece. With another `locationId` than the
    cart's, the charge has the taxes of that location."""
    return await convert.convert_cart(services, request.auth, cart_id, data, await read_key(request))
