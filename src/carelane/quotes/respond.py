"""The patient's side of a quote: viewing it, and accepting or declining it."""

from functools import partial
from typing import Literal

import msgspec

from carelane import events
from carelane.carts.actions import end_quotes, expire_quotes, move_cart
from carelane.carts.offers.queries import lock_pending
from carelane.carts.queries import LockedCart
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RuleBrokenError
from carelane.kit.phi import DataKey, Phi
from carelane.permissions import BILLING_READ, BILLING_WRITE, requires
from carelane.quotes import queries, views
from carelane.quotes.access import get_shown, lock_cart_of, lock_quote
from carelane.quotes.actions import mark_viewed, move_quote
from carelane.quotes.errors import QuoteChangedError, QuotePastDateError
from carelane.quotes.expire import ending_past
from carelane.quotes.queries import RESPONSE, LockedQuote
from carelane.quotes.schemas import PublicQuoteOut, QuoteOut, QuoteResponseIn
from carelane.quotes.states import OPEN
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

Answer = Literal["ACCEPTED", "DECLINED"]

_ANSWERS: dict[str, Answer] = {
    "accept": "ACCEPTED",
    "accepted": "ACCEPTED",
    "decline": "DECLINED",
    "declined": "DECLINED",
    "reject": "DECLINED",
    "rejected": "DECLINED",
}


class PatientResponse(Phi, msgspec.Struct, frozen=True, omit_defaults=True):
    """What the patient sent with the answer; sealed as one."""

    message: str | None = None
    preferred_payment_method_id: str | None = None


@requires(BILLING_READ)
async def view_quote_for_patient(services: Services, actor: Actor, ref: str) -> PublicQuoteOut:
    """For a caller that shows the quote to its patient: marks a sent quote as VIEWED, if the caller may change quotes at all.
    Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if actor.may(BILLING_WRITE):
            await mark_viewed(conn, actor, await lock_quote(conn, actor, ref))
        shown = await get_shown(conn, actor, ref)
        await events.record_read(conn, actor, "quote", shown.quote.id, "quote for its patient")
    return views.show_public(data_key, shown)


@requires(BILLING_WRITE)
async def respond_to_quote(
    services: Services, actor: Actor, body: QuoteResponseIn, request_key: RequestKey | None
) -> QuoteOut:
    """The patient's answer, passed on by the caller. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    answer = _read_answer(body.response)
    response = PatientResponse(body.message, body.preferred_payment_method_id)
    data_key = await services.keyring.data_key(actor.organization_id)
    act = partial(_respond, actor, data_key, body.quote_id, answer, response)
    async with ending_past(services.db, actor, body.quote_id):
        return await run_once(services, actor, request_key, act)


def _read_answer(word: str) -> Answer:
    """In any case. Raises RuleBrokenError that names `response`."""
    answer = _ANSWERS.get(word.strip().lower())
    if answer is None:
        raise RuleBrokenError(problems=[FieldProblem("response", f"expected one of {', '.join(_ANSWERS)}")])
    return answer


async def _respond(
    actor: Actor, data_key: DataKey, ref: str, answer: Answer, response: PatientResponse, conn: Connection
) -> QuoteOut:
    await answer_quote(conn, actor, data_key, await lock_quote(conn, actor, ref), answer, response)
    return views.show_quote(data_key, await get_shown(conn, actor, ref))


async def answer_quote(
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    quote: LockedQuote,
    answer: Answer,
    response: PatientResponse,
    revision: int | None = None,
) -> None:
    """The answer moves the cart too. `revision` is the one that the patient was shown; None accepts any.

    Raises ConflictError (not open), QuoteChangedError, and QuotePastDateError, after which the caller ends the quote with
    `expire.expire_if_past`.
    """
    _require_open(quote)
    if revision is not None and revision != quote.revision:
        raise QuoteChangedError("the quote changed since it was shown; look at it again and answer then")
    cart = await lock_cart_of(conn, actor, quote)
    await move_quote(conn, actor, quote, answer)
    if response != PatientResponse():
        sealed = data_key.seal(msgspec.json.encode(response), RESPONSE, quote.id)
        await queries.set_response(conn, actor.organization_id, quote.id, sealed)
    await (_accept_cart if answer == "ACCEPTED" else _reject_cart)(conn, actor, cart)


def _require_open(quote: LockedQuote) -> None:
    if quote.status not in OPEN:
        raise ConflictError(f"the quote is {quote.status}; only one that is SENT or VIEWED can be answered")
    if quote.is_past:
        raise QuotePastDateError("the quote's date has passed; it can no longer be answered")


async def _accept_cart(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """One quote of a cart can be accepted, so the others end."""
    await end_quotes(conn, actor, [cart.id])
    await move_cart(conn, actor, cart, "ACCEPTED")


async def _reject_cart(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """Unless the patient can still answer another quote of the cart. Drafts, which nobody was shown, do not count."""
    pending = await lock_pending(conn, actor.organization_id, [cart.id])
    if not any(quote.status in OPEN for quote in pending):
        await expire_quotes(conn, actor, pending)
        await move_cart(conn, actor, cart, "REJECTED")
