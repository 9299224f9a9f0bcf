"""The journal of an organization's books, line by line, whatever their size."""

from collections.abc import AsyncIterator
from datetime import UTC, date
from uuid import UUID

from carelane.kit.db import Connection
from carelane.ledger.export import queries, views
from carelane.ledger.export.schemas import Span
from carelane.services import Services


async def journal_lines(
    services: Services, organization_id: UUID, tenant: str, span: Span, *, prefix: str = ""
) -> AsyncIterator[str]:
    """The books of one moment: accounts, opening balances, every posting, and what each account came to.

    With a `prefix` journals of several organizations can be one.
    """
    async with services.db.reading(organization_id, at_one_moment=True) as conn:
        yield f"; Books of {tenant} ({organization_id}), as carelane ledger export writes them"
        currencies: set[str] = set()
        line = ""
        async for account in queries.list_accounts(conn, organization_id, span):
            currencies.add(account.currency)
            # Accounts that differ by their currency alone are one.
            if (named := views.account_line(account, prefix)) != line:
                yield named
            line = named
        for currency in sorted(currencies):
            yield views.commodity_line(currency)
        yield ""
        async for line in _opening(conn, organization_id, span, prefix):
            yield line
        last_day = span.from_day
        async for posting in queries.list_postings(conn, organization_id, span):
            last_day = posting.happened_at.astimezone(UTC).date()
            for line in views.posting_lines(posting, prefix):
                yield line
        async for line in _closing(conn, organization_id, span, prefix, last_day):
            yield line


async def _opening(conn: Connection, organization_id: UUID, span: Span, prefix: str) -> AsyncIterator[str]:
    is_begun = False
    if span.from_day is None:
        return
    async for account in queries.list_accounts(conn, organization_id, span):
        if account.opening_cents:
            if not is_begun:
                yield views.heading(span.from_day, "opening balances")
            is_begun = True
            yield views.opening_line(account, prefix)
    if is_begun:
        yield ""


async def _closing(
    conn: Connection, organization_id: UUID, span: Span, prefix: str, last_day: date | None
) -> AsyncIterator[str]:
    if last_day is None:
        return
    is_begun = False
    async for account in queries.list_accounts(conn, organization_id, span):
        if not is_begun:
            yield views.heading(last_day, "what each account came to")
        is_begun = True
        yield views.closing_line(account, prefix)
    if is_begun:
        yield ""
