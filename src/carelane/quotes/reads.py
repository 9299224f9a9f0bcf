"""Reads of quotes. Each is recorded: a quote names its patient."""

from collections.abc import Sequence

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_READ, BILLING_WRITE, requires
from carelane.quotes import queries, views
from carelane.quotes.access import get_shown, version_of_quote
from carelane.quotes.schemas import EditableQuoteOut, PublicQuoteOut, QuoteFilters, QuoteOut, QuotePageOut
from carelane.services import Services
from carelane.web.paging import Page


@requires(BILLING_READ)
async def get_quote(services: Services, actor: Actor, ref: str) -> QuoteOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        shown = await get_shown(conn, actor, ref)
        await events.record_read(conn, actor, "quote", shown.quote.id, "quote by its id")
    return views.show_quote(data_key, shown)


@requires(BILLING_WRITE)
async def get_editable(services: Services, actor: Actor, ref: str) -> EditableQuoteOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        shown = await get_shown(conn, actor, ref)
        quote_id = shown.quote.id
        currency = (await queries.list_currencies(conn, actor.organization_id, [quote_id]))[quote_id]
        await events.record_read(conn, actor, "quote", quote_id, "a quote to be changed")
    return EditableQuoteOut(
        quote=views.show_quote(data_key, shown),
        line_ids=[line.id for line in shown.lines],
        currency=currency,
        version=version_of_quote(shown.quote),
    )


@requires(BILLING_READ)
async def list_currencies(services: Services, actor: Actor, refs: Sequence[str]) -> dict[str, str]:
    """In which each of these quotes is priced: the organization may sell in another one by now."""
    ids = {ref: record_id(actor.organization_id, ref) for ref in refs}
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_currencies(conn, actor.organization_id, list(ids.values()))
    return {ref: found[quote_id] for ref, quote_id in ids.items() if quote_id in found}


@requires(BILLING_READ)
async def preview_quote(services: Services, actor: Actor, ref: str) -> PublicQuoteOut:
    """What its patient would see. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        shown = await get_shown(conn, actor, ref)
        await events.record_read(conn, actor, "quote", shown.quote.id, "preview of a quote")
    return views.show_public(data_key, shown)


@requires(BILLING_READ)
async def list_quotes(services: Services, actor: Actor, filters: QuoteFilters, page: Page) -> QuotePageOut:
    """The newest first. One record of the read for the page, not one for each quote."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        listed, total = await queries.list_quotes(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "quotes", actor.organization_id, "list of quotes")
    return QuotePageOut(data=[views.show_listed(data_key, one) for one in listed], total=total)
