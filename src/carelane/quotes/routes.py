"""/billing/quote: reading quotes, answering them, and what becomes of them. Their list is in `listing`, making and changing them in
`making` and `editing`."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.types import ControllerRouterHandler

from carelane import events
from carelane.charges.schemas import ChargeOut
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import BILLING_READ, BILLING_WRITE
from carelane.quotes import access, converting
from carelane.quotes.actions import answer_quote, get_locked, mark_viewed, read_answer
from carelane.quotes.expiry import ending_past, expire_past
from carelane.quotes.schemas import (
    ConvertQuoteIn,
    PublicQuoteOut,
    QuoteOut,
    QuoteResponseIn,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key, run_once
from carelane.web.routes import ActorRequest

QuoteName = Annotated[str, PathParameter(description="Id of the quote")]
_TAGS = ["Quotes"]


@get(
    "/billing/quote/{quote_id:str}",
    operation_id="getQuote",
    summary="Get a quote",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_quote(request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteName) -> QuoteOut:
    """One quote with its lines, as staff see it."""
    request.auth.require(BILLING_READ)
    data_key = await services.keyring.data_key(request.auth.organization_id)
    async with services.db.transaction(request.auth) as conn:
        shown = await access.get_shown(conn, request.auth, quote_id)
        await events.record_read(conn, request.auth, "quote", shown.quote.id, "quote by its id")
    return access.show_quote(data_key, shown)


@get(
    "/billing/quote/public/{quote_id:str}",
    operation_id="getPublicQuote",
    summary="Get a quote as its patient sees it",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_public_quote(
    request: ActorRequest,
    services: NamedDependency[Services],
    quote_id: QuoteName,
    update_viewed_date: Annotated[
        bool, QueryParameter(name="update_viewed_date", description="`false` for a preview by staff")
    ] = True,
) -> PublicQuoteOut:
    """For showing the quote to its patient: the first time makes a SENT quote VIEWED. A draft stays one."""
    request.auth.require(BILLING_READ)
    data_key = await services.keyring.data_key(request.auth.organization_id)
    async with services.db.transaction(request.auth) as conn:
        if update_viewed_date:
            await mark_viewed(conn, request.auth, await get_locked(conn, request.auth, quote_id))
        shown = await access.get_shown(conn, request.auth, quote_id)
        await events.record_read(conn, request.auth, "quote", shown.quote.id, "quote for its patient")
    return access.show_public(data_key, shown)


@get(
    "/billing/quote/{quote_id:str}/view",
    operation_id="viewQuote",
    summary="Preview a quote as its patient sees it",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def view_quote(request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteName) -> PublicQuoteOut:
    """What the patient would see. Never counts as the patient's view."""
    request.auth.require(BILLING_READ)
    data_key = await services.keyring.data_key(request.auth.organization_id)
    async with services.db.transaction(request.auth) as conn:
        shown = await access.get_shown(conn, request.auth, quote_id)
        await events.record_read(conn, request.auth, "quote", shown.quote.id, "preview of a quote")
    return access.show_public(data_key, shown)


@post(
    "/billing/quote/respond",
    operation_id="respondToQuote",
    summary="Accept or decline a quote",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError, RuleBrokenError), "repeatable": True},
)
async def respond_to_quote(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[QuoteResponseIn]
) -> QuoteOut:
    """The patient's answer, as the caller has it: accept or decline. Only a quote that is SENT or VIEWED takes one. An accepted
    quote ends the others of its cart; a declined one rejects the cart, unless another of its quotes can still be answered."""
    request.auth.require(BILLING_WRITE)
    answer, actor = read_answer(data.response), request.auth
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> QuoteOut:
        quote = await get_locked(conn, actor, data.quote_id)
        await answer_quote(conn, actor, data_key, quote, answer, data.message, data.preferred_payment_method_id)
        return access.show_quote(data_key, await access.get_shown(conn, actor, data.quote_id))

    async with ending_past(services.db, actor, data.quote_id):
        return await run_once(services, actor, await read_key(request), act)


@post(
    "/billing/quote/convert-to-charge",
    operation_id="convertQuoteToCharge",
    summary="Convert an accepted quote into a charge",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError), "repeatable": True},
)
async def convert_quote(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ConvertQuoteIn]
) -> ChargeOut:
    """The charge, at the price that was accepted. However often and by how many it is asked for, there is one, and each gets
    it."""
    request.auth.require(BILLING_WRITE)
    return await converting.convert_once(services, request.auth, data, await read_key(request))


@post(
    "/billing/quote/expire-old",
    operation_id="expireOldQuotes",
    summary="Expire quotes whose date has passed",
    tags=_TAGS,
    status_code=200,
    opt={"repeatable": True},
)
async def expire_old_quotes(request: ActorRequest, services: NamedDependency[Services]) -> int:
    """How many quotes were expired now. The worker does the same by itself, every minute; so does whoever answers one."""
    request.auth.require(BILLING_WRITE)
    return await run_once(services, request.auth, await read_key(request), lambda conn: expire_past(conn, request.auth))


QUOTES: list[ControllerRouterHandler] = [
    get_quote,
    get_public_quote,
    view_quote,
    respond_to_quote,
    convert_quote,
    expire_old_quotes,
]
