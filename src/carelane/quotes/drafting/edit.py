"""Changing quotes that nobody has answered: their terms, or a line. What raises leaves nothing behind."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from carelane import events
from carelane.carts.offers.schemas import QuoteStatus
from carelane.carts.offers.views import open_texts, seal_texts
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.clock import in_utc
from carelane.kit.db import Connection
from carelane.kit.decimals import rounded_decimal
from carelane.kit.errors import ConflictError, RecordNotFoundError, refuse
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_WRITE, requires
from carelane.pricing.lines import (
    LineRow,
    RequestedLine,
    full_problems,
    new_row,
    patched,
    price_rows,
    refuse_unknown,
    requested_line,
    seal_text,
    unknown_texts,
    unsellable_problems,
)
from carelane.pricing.schemas import line_problems
from carelane.quotes.access import get_shown, lock_seen
from carelane.quotes.actions import mark_sent, require_pending
from carelane.quotes.drafting import queries
from carelane.quotes.drafting.queries import QuoteContent
from carelane.quotes.expire import ending_past, expire_quote
from carelane.quotes.queries import DESCRIPTION, LockedQuote
from carelane.quotes.schemas import QuoteItemIn, QuoteItemPatch, QuoteOut, QuotePatch, quote_patch_problems
from carelane.quotes.states import PENDING
from carelane.quotes.views import show_quote
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# For statuses that nobody sets by hand, the operation that leads there.
_OPERATIONS: dict[QuoteStatus, str] = {
    "VIEWED": "GET /billing/quote/public/{quote_id}",
    "ACCEPTED": "POST /billing/quote/respond",
    "DECLINED": "POST /billing/quote/respond",
    "CONVERTED": "POST /billing/quote/convert-to-charge",
}


@requires(BILLING_WRITE)
async def change_quote(
    services: Services, actor: Actor, ref: str, body: QuotePatch, version: str | None = None
) -> QuoteOut:
    """The quote with what the body names changed. `version`: as somebody looked at it, here and below.

    Raises RuleBrokenError, RecordNotFoundError, ConflictError.
    """
    refuse(quote_patch_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    async with ending_past(services.db, actor, ref), services.db.transaction(actor) as conn:
        quote = await lock_seen(conn, actor, ref, version)
        if _names_more_than_status(body):
            require_pending(quote)
            quote = await _change_quote(conn, actor, data_key, quote, body)
        if body.status is not None and body.status != quote.status:
            await _set_status(conn, actor, quote, body.status)
        return show_quote(data_key, await get_shown(conn, actor, ref))


def _names_more_than_status(body: QuotePatch) -> bool:
    return any(value is not None for name, value in msgspec.structs.asdict(body).items() if name != "status")


async def _change_quote(
    conn: Connection, actor: Actor, data_key: DataKey, before: LockedQuote, body: QuotePatch
) -> LockedQuote:
    discounted = _with(
        before,
        discount_amount_cents=body.discount_amount,
        discount_percentage=None if body.discount_percentage is None else rounded_decimal(body.discount_percentage),
    )
    after = _with(
        discounted,
        texts=_sealed_texts(data_key, before, body),
        expires_at=in_utc(body.valid_until_date),
        requires_verification=body.requires_patient_verification,
    )
    if discounted != before:
        content = await queries.get_content(conn, actor.organization_id, before.id)
        whole = "discountAmount" if body.discount_percentage is None else "discountPercentage"
        return await _save_repriced(conn, actor, before, after, content, content.lines, whole)
    if _changes_the_offer(body):
        after = msgspec.structs.replace(after, revision=before.revision + 1)
    await _save(conn, actor, before, after)
    return after


def _changes_the_offer(body: QuotePatch) -> bool:
    """Whether the patient sees any of it. Staff's internal notes and the way of verification are not seen."""
    seen = (body.title, body.description, body.terms, body.valid_until_date)
    return any(value is not None for value in seen)


def _sealed_texts(data_key: DataKey, quote: LockedQuote, body: QuotePatch) -> str | None:
    """The quote's texts with those of the body, sealed, in hex; None when the body has none."""
    names = ("title", "description", "terms", "internal_notes")
    sent = {name: value for name in names if (value := getattr(body, name)) is not None}
    if not sent:
        return None
    texts = msgspec.structs.replace(open_texts(data_key, quote.id, quote.texts), **sent)
    return seal_texts(data_key, quote.id, texts).hex()


def _with(quote: LockedQuote, **values: Any) -> LockedQuote:
    """What is None stays as it is."""
    return msgspec.structs.replace(quote, **{name: value for name, value in values.items() if value is not None})


async def _set_status(conn: Connection, actor: Actor, quote: LockedQuote, status: QuoteStatus) -> None:
    """What staff may decide by hand: that the quote was handed over by other means, or that it is withdrawn."""
    if status == "SENT" and quote.status == "DRAFT":
        if not (await queries.get_content(conn, actor.organization_id, quote.id)).lines:
            raise ConflictError("the quote has no lines; add one before it is sent")
        await mark_sent(conn, actor, quote)
    elif status == "EXPIRED" and quote.status in PENDING:
        await expire_quote(conn, actor, quote)
    elif status in _OPERATIONS:
        raise ConflictError(f"the quote is {quote.status}; {_OPERATIONS[status]} makes it {status}")
    else:
        raise ConflictError(f"the quote is {quote.status}, from where it does not become {status}")


@requires(BILLING_WRITE)
async def add_line(
    services: Services,
    actor: Actor,
    ref: str,
    body: QuoteItemIn,
    request_key: RequestKey | None,
    version: str | None = None,
) -> QuoteOut:
    """The quote with one more line. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse(line_problems(body))
    requested = requested_line(actor.organization_id, body, body.description)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with ending_past(services.db, actor, ref):
        act = partial(_add_line, actor, data_key, ref, version, requested)
        return await run_once(services, actor, request_key, act)


async def _add_line(
    actor: Actor, data_key: DataKey, ref: str, version: str | None, requested: RequestedLine, conn: Connection
) -> QuoteOut:
    quote, content = await _lock_pending(conn, actor, ref, version, [requested])
    refuse_unknown(unknown_texts([requested], content.catalog))
    refuse([*full_problems(content.lines, "quote"), *unsellable_problems([requested], content.catalog, content.lines)])
    added = new_row(data_key, DESCRIPTION, requested, content.catalog, clock.now())
    await _save_repriced(conn, actor, quote, quote, content, [*content.lines, added])
    return show_quote(data_key, await get_shown(conn, actor, ref))


@requires(BILLING_WRITE)
async def change_line(
    services: Services, actor: Actor, ref: str, line_ref: str, body: QuoteItemPatch, version: str | None = None
) -> QuoteOut:
    """The quote with what the body names of the line changed. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""

    def change(data_key: DataKey, row: LineRow) -> list[LineRow]:
        return [patched(row, body, seal_text(data_key, DESCRIPTION, row.id, body.description), clock.now())]

    return await _change_line(services, actor, ref, line_ref, change, version)


@requires(BILLING_WRITE)
async def remove_line(
    services: Services, actor: Actor, ref: str, line_ref: str, version: str | None = None
) -> QuoteOut:
    """The quote without the line. Raises RecordNotFoundError, ConflictError."""
    return await _change_line(services, actor, ref, line_ref, lambda *_: [], version)


async def _change_line(
    services: Services,
    actor: Actor,
    ref: str,
    line_ref: str,
    change: Callable[[DataKey, LineRow], list[LineRow]],
    version: str | None,
) -> QuoteOut:
    """`change` gives what takes the line's place."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with ending_past(services.db, actor, ref), services.db.transaction(actor) as conn:
        quote, content = await _lock_pending(conn, actor, ref, version)
        at = content.lines.index(_find_line(actor, content.lines, line_ref))
        lines = [*content.lines[:at], *change(data_key, content.lines[at]), *content.lines[at + 1 :]]
        if not lines and quote.status != "DRAFT":
            raise ConflictError("a quote that was sent keeps a line; withdraw it with PUT and the status EXPIRED")
        await _save_repriced(conn, actor, quote, quote, content, lines)
        return show_quote(data_key, await get_shown(conn, actor, ref))


def _find_line(actor: Actor, lines: Sequence[LineRow], line_ref: str) -> LineRow:
    """By its own id, which is that of the cart's line it was copied from, or by what it sells if no other line does."""
    wanted = record_id(actor.organization_id, line_ref)
    found = [row for row in lines if row.id == wanted] or [
        row for row in lines if wanted in (row.product_id, row.bundle_id)
    ]
    if not found:
        raise RecordNotFoundError(f"no line {line_ref} in this quote")
    if len(found) > 1:
        raise ConflictError(f"{len(found)} lines of the quote sell {line_ref}; expected the id of the cart's line")
    return found[0]


async def _lock_pending(
    conn: Connection, actor: Actor, ref: str, version: str | None, requested: Sequence[RequestedLine] = ()
) -> tuple[LockedQuote, QuoteContent]:
    """A quote that may change, and what is in it."""
    quote = await lock_seen(conn, actor, ref, version)
    require_pending(quote)
    return quote, await queries.get_content(conn, actor.organization_id, quote.id, requested)


async def _save_repriced(
    conn: Connection,
    actor: Actor,
    before: LockedQuote,
    after: LockedQuote,
    content: QuoteContent,
    lines: Sequence[LineRow],
    whole: str = "quantity",
) -> LockedQuote:
    """Prices the quote again and writes what changed. Its revision goes up, so that a patient who was shown the old one is
    shown the new one before answering. `whole` is what to name in the body when the amounts are too large."""
    amounts, rows = price_rows(
        lines, content.catalog, after.discount_amount_cents, after.discount_percentage, clock.now(), whole=whole
    )
    present = {row.id: row for row in content.lines}
    changed = [row for row in rows if present.get(row.id) != row]
    removed = list(present.keys() - {row.id for row in rows})
    saved = msgspec.structs.replace(after, revision=before.revision + 1, **amounts)
    await _save(conn, actor, before, saved, changed, removed)
    return saved


async def _save(
    conn: Connection,
    actor: Actor,
    before: LockedQuote,
    after: LockedQuote,
    changed: Sequence[LineRow] = (),
    removed: Sequence[UUID] = (),
) -> None:
    await queries.save_quote(conn, actor.organization_id, after, changed, removed, clock.now())
    event = events.new_event(
        actor,
        "QUOTE_UPDATED",
        None,
        target_id=after.id,
        value_before=str(before.total_cents),
        value_after=str(after.total_cents),
    )
    await events.record(conn, event)
