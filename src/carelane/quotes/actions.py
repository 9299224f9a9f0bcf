"""Sending, viewing and answering a quote. Every act locks the cart's row first, then the quote's."""

from typing import Literal
from uuid import UUID

import msgspec

from carelane.carts import moving as cart_moving
from carelane.carts import queries as cart_queries
from carelane.carts.queries import LockedCart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey, Phi
from carelane.quotes import queries
from carelane.quotes.errors import QuoteChangedError, QuotePastDateError
from carelane.quotes.moving import end_pending_quotes, expire_quotes, move_quote
from carelane.quotes.queries import RESPONSE, LockedQuote
from carelane.quotes.states import OPEN, PENDING

Answer = Literal["ACCEPTED", "DECLINED"]


class Response(Phi, msgspec.Struct, frozen=True, omit_defaults=True):
    """What the patient sent with the answer."""

    message: str | None = None
    preferred_payment_method_id: str | None = None


_ANSWERS: dict[str, Answer] = {
    "accept": "ACCEPTED",
    "accepted": "ACCEPTED",
    "decline": "DECLINED",
    "declined": "DECLINED",
    "reject": "DECLINED",
    "rejected": "DECLINED",
}


def read_answer(word: str) -> Answer:
    """In any case. Raises RuleBrokenError that names `response`."""
    answer = _ANSWERS.get(word.strip().lower())
    if answer is None:
        raise RuleBrokenError(problems=[FieldProblem("response", f"expected one of {', '.join(_ANSWERS)}")])
    return answer


async def mark_sent(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedQuote:
    """The offer stands from now on: SENT, and its cart does not change any more. One that was sent already stays as it is.

    Raises ConflictError when the quote was answered or has ended, QuotePastDateError when its date has passed.
    """
    require_pending(quote)
    if quote.status != "DRAFT":
        return quote
    await cart_moving.lock_offered(conn, actor, await hold_cart(conn, actor, quote))
    return await move_quote(conn, actor, quote, "SENT")


async def mark_viewed(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedQuote:
    """The patient sees it. Only the first sight of a sent quote that still stands is written down."""
    if quote.status != "SENT" or is_past(quote):
        return quote
    return await move_quote(conn, actor, quote, "VIEWED")


async def respond(
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    quote_id: UUID,
    answer: Answer,
    message: str | None,
    preferred_payment_method_id: str | None,
    revision: int | None = None,
) -> LockedQuote:
    """The patient's answer, which moves the cart too. `revision`: of what the patient was shown; None asks for none.

    Raises RecordNotFoundError, ConflictError (not open), QuoteChangedError, and QuotePastDateError, after which the caller
    lets `expiry.expire_if_past` end the quote.
    """
    quote = await get_locked(conn, actor, str(quote_id))
    return await answer_quote(conn, actor, data_key, quote, answer, message, preferred_payment_method_id, revision)


async def answer_quote(
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    quote: LockedQuote,
    answer: Answer,
    message: str | None,
    preferred_payment_method_id: str | None,
    revision: int | None = None,
) -> LockedQuote:
    """As `respond`, for a quote that is locked already."""
    _require_open(quote)
    if revision is not None and revision != quote.revision:
        raise QuoteChangedError("the quote changed since it was shown; look at it again and answer then")
    cart = await hold_cart(conn, actor, quote)
    answered = await move_quote(conn, actor, quote, answer)
    response = Response(message, preferred_payment_method_id)
    if response != Response():
        sealed = data_key.seal(msgspec.json.encode(response), RESPONSE, quote.id)
        await queries.set_response(conn, actor.organization_id, quote.id, sealed)
    if answer == "ACCEPTED":
        await _accept_cart(conn, actor, cart)
    else:
        await _reject_cart(conn, actor, cart)
    return answered


async def _accept_cart(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """What was accepted of a cart is one quote: the others have nothing left to offer."""
    await end_pending_quotes(conn, actor, cart.id)
    await cart_moving.move_cart(conn, actor, cart, "ACCEPTED")


async def _reject_cart(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """Another quote of the cart that the patient can still answer keeps it; drafts nobody was shown do not."""
    pending = await queries.lock_pending(conn, actor.organization_id, [cart.id])
    if not any(quote.status in OPEN for quote in pending):
        await expire_quotes(conn, actor, pending)
        await cart_moving.move_cart(conn, actor, cart, "REJECTED")


async def get_locked(conn: Connection, actor: Actor, name: str) -> LockedQuote:
    """The quote that callers know by this name, held, and its cart with it. Raises RecordNotFoundError."""
    quote = await queries.lock_quote(conn, actor.organization_id, record_id(actor.organization_id, name))
    if quote is None:
        raise RecordNotFoundError(f"no quote {name} here")
    return quote


async def hold_cart(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedCart:
    """All of the cart, whose row `lock_quote` has locked already."""
    cart = await cart_queries.lock_cart(conn, actor.organization_id, quote.cart_id)
    if cart is None:
        raise LookupError("a quote without its cart")
    return cart


def is_past(quote: LockedQuote) -> bool:
    """Whether its date has come, be it marked EXPIRED yet or not."""
    return quote.expires_at is not None and quote.expires_at <= clock.now()


def require_pending(quote: LockedQuote) -> None:
    """Raises ConflictError unless the quote may change, QuotePastDateError when only its date forbids it."""
    if quote.status not in PENDING:
        raise ConflictError(f"the quote is {quote.status}; expected one of DRAFT, SENT, VIEWED")
    if is_past(quote):
        raise QuotePastDateError("the quote's date has passed; make a new quote of its cart")


def _require_open(quote: LockedQuote) -> None:
    if quote.status not in OPEN:
        raise ConflictError(f"the quote is {quote.status}; only one that is SENT or VIEWED can be answered")
    if is_past(quote):
        raise QuotePastDateError("the quote's date has passed; it can no longer be answered")
