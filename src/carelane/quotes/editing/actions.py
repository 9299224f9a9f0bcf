"""Making quotes, and changing them while they are pending. Raised errors leave nothing behind."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from carelane import events
from carelane.carts.lines import (
    LineRow,
    WantedLine,
    broken_rules,
    new_row,
    patched,
    price_rows,
    refuse,
    seal_words,
    too_many,
    too_much,
    unknown,
    unsellable,
    wanted_line,
)
from carelane.carts.schemas import in_utc
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.decimals import decimal_of
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.quotes import access
from carelane.quotes.actions import get_locked, mark_sent, require_pending
from carelane.quotes.editing import queries
from carelane.quotes.editing.queries import Content
from carelane.quotes.editing.schemas import (
    QuoteItemIn,
    QuoteItemPatch,
    QuotePatch,
    patch_problems,
    quote_problems,
)
from carelane.quotes.expiry import ending_past, expire_quote
from carelane.quotes.queries import DESCRIPTION, WORDS, LockedQuote
from carelane.quotes.schemas import QuoteOut
from carelane.quotes.states import PENDING, QuoteStatus
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey

Lines = list[LineRow]
# Of statuses that nobody sets by hand, the operation that leads there.
_OPERATIONS: dict[QuoteStatus, str] = {
    "VIEWED": "GET /billing/quote/public/{quote_id}",
    "ACCEPTED": "POST /billing/quote/respond",
    "DECLINED": "POST /billing/quote/respond",
    "CONVERTED": "POST /billing/quote/convert-to-charge",
}


async def change_quote(services: Services, actor: Actor, name: str, body: QuotePatch) -> QuoteOut:
    """The quote with what the body names changed. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse([], list(quote_problems(body)))
    data_key = await services.keyring.data_key(actor.organization_id)
    async with ending_past(services.db, actor, name), services.db.transaction(actor) as conn:
        quote = await get_locked(conn, actor, name)
        if _changes(body):
            require_pending(quote)
            quote = await _change_quote(conn, actor, data_key, quote, body)
        if body.status is not None and body.status != quote.status:
            await _set_status(conn, actor, quote, body.status)
        return access.show_quote(data_key, await access.get_shown(conn, actor, name))


async def add_line(
    services: Services, actor: Actor, name: str, body: QuoteItemIn, request_key: RequestKey | None
) -> QuoteOut:
    """The quote with one line more. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse([], broken_rules(body))
    wanted = wanted_line(actor.organization_id, body, body.description)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with ending_past(services.db, actor, name):
        return await idempotency.run_once(
            services, actor, request_key, partial(_add_line, actor, data_key, name, wanted)
        )


async def change_line(services: Services, actor: Actor, name: str, line: str, body: QuoteItemPatch) -> QuoteOut:
    """The quote with what the body names of the line changed. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse([], list(patch_problems(body)))

    def change(data_key: DataKey, lines: Lines) -> Lines:
        present, now = _find_line(actor, lines, line), clock.now()
        return [_worded(data_key, row, body, now) if row.id == present.id else row for row in lines]

    return await _change_lines(services, actor, name, change)


async def remove_line(services: Services, actor: Actor, name: str, line: str) -> QuoteOut:
    """The quote without the line. Raises RecordNotFoundError, ConflictError."""

    def change(_: DataKey, lines: Lines) -> Lines:
        gone = _find_line(actor, lines, line)
        return [row for row in lines if row.id != gone.id]

    return await _change_lines(services, actor, name, change)


async def _add_line(actor: Actor, data_key: DataKey, name: str, wanted: WantedLine, conn: Connection) -> QuoteOut:
    quote, content = await _hold(conn, actor, name, [wanted])
    refuse(unknown([wanted], content.catalogue), [])
    refuse([], [*too_many(content.lines, "quote"), *unsellable([wanted], content.catalogue, content.lines)])
    added = new_row(data_key, DESCRIPTION, wanted, content.catalogue, clock.now())
    await _save(conn, actor, quote, quote, content, [*content.lines, added])
    return access.show_quote(data_key, await access.get_shown(conn, actor, name))


async def _change_lines(
    services: Services, actor: Actor, name: str, change: Callable[[DataKey, Lines], Lines]
) -> QuoteOut:
    data_key = await services.keyring.data_key(actor.organization_id)
    async with ending_past(services.db, actor, name), services.db.transaction(actor) as conn:
        quote, content = await _hold(conn, actor, name)
        lines = change(data_key, content.lines)
        if not lines and quote.status != "DRAFT":
            raise ConflictError("a quote that was sent keeps a line; withdraw it with PUT and the status EXPIRED")
        await _save(conn, actor, quote, quote, content, lines)
        return access.show_quote(data_key, await access.get_shown(conn, actor, name))


async def _hold(
    conn: Connection, actor: Actor, name: str, wanted: Sequence[WantedLine] = ()
) -> tuple[LockedQuote, Content]:
    """A pending quote, locked, and what is in it."""
    quote = await get_locked(conn, actor, name)
    require_pending(quote)
    return quote, await queries.get_content(conn, actor.organization_id, quote.id, wanted)


async def _save(
    conn: Connection,
    actor: Actor,
    before: LockedQuote,
    after: LockedQuote,
    content: Content,
    lines: Lines,
    whole: str = "quantity",
) -> LockedQuote:
    """Prices the quote anew and writes what changed. Its revision counts: who was shown the old one is shown this first.

    `whole` is what to name of the body when all comes to too much.
    """
    now = clock.now()
    priced, rows = price_rows(lines, content.catalogue, after.discount_amount_cents, after.discount_percentage, now)
    refuse([], too_much(priced, [""] * len(rows), whole))
    present = {row.id: row for row in content.lines}
    changed = [row for row in rows if present.get(row.id) != row]
    removed = list(present.keys() - {row.id for row in rows})
    saved = msgspec.structs.replace(
        after,
        revision=before.revision + 1,
        subtotal_cents=priced.subtotal_cents,
        discount_cents=priced.discount_cents,
        tax_cents=priced.tax_cents,
        total_cents=priced.total_cents,
    )
    await _write(conn, actor, before, saved, changed, removed)
    return saved


async def _write(
    conn: Connection, actor: Actor, before: LockedQuote, after: LockedQuote, changed: Lines, removed: list[UUID]
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


def _changes(body: QuotePatch) -> bool:
    """Whether the body names anything but a status."""
    return any(value is not None for name, value in msgspec.structs.asdict(body).items() if name != "status")


async def _change_quote(
    conn: Connection, actor: Actor, data_key: DataKey, before: LockedQuote, body: QuotePatch
) -> LockedQuote:
    discounted = _with(
        before,
        discount_amount_cents=body.discount_amount,
        discount_percentage=None if body.discount_percentage is None else decimal_of(body.discount_percentage),
    )
    offered = _with(discounted, words=_words(data_key, before, body), expires_at=in_utc(body.valid_until_date))
    after = _with(offered, requires_verification=body.requires_patient_verification)
    if discounted != before:
        content = await queries.get_content(conn, actor.organization_id, before.id)
        whole = "discountAmount" if body.discount_percentage is None else "discountPercentage"
        return await _save(conn, actor, before, after, content, content.lines, whole)
    if _is_offered_anew(body):
        after = msgspec.structs.replace(after, revision=before.revision + 1)
    await _write(conn, actor, before, after, [], [])
    return after


def _is_offered_anew(body: QuotePatch) -> bool:
    """Whether the patient sees any of it: not what staff note among themselves, nor how the patient is verified."""
    seen = (body.title, body.description, body.terms, body.valid_until_date)
    return any(value is not None for value in seen)


def _words(data_key: DataKey, quote: LockedQuote, body: QuotePatch) -> str | None:
    """The quote's words with those of the body, sealed, in hex; None when the body has none."""
    names = ("title", "description", "terms", "internal_notes")
    written = {name: value for name in names if (value := getattr(body, name)) is not None}
    if not written:
        return None
    words = msgspec.structs.replace(access.open_words(data_key, quote), **written)
    return data_key.seal(msgspec.json.encode(words), WORDS, quote.id).hex()


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


def _find_line(actor: Actor, lines: Lines, name: str) -> LineRow:
    """By its own id, which is that of the cart's line it was copied from, or by what it sells if no other line does."""
    wanted = record_id(actor.organization_id, name)
    found = [row for row in lines if row.id == wanted] or [
        row for row in lines if wanted in (row.product_id, row.bundle_id)
    ]
    if not found:
        raise RecordNotFoundError(f"no line {name} in this quote")
    if len(found) > 1:
        raise ConflictError(f"{len(found)} lines of the quote sell {name}; expected the id of the cart's line")
    return found[0]


def _worded(data_key: DataKey, row: LineRow, body: QuoteItemPatch, now: datetime) -> LineRow:
    return patched(row, body, seal_words(data_key, DESCRIPTION, row.id, body.description), now)
