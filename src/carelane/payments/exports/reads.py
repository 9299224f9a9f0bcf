"""Exports. One of charges or payments names patients, and is on record before its first line."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.payments.exports import queries
from carelane.payments.exports.schemas import ExportCountOut, ExportKind
from carelane.payments.exports.views import heading, lines_of
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.periods import Period

# Counting goes no further.
MOST_COUNTED = 100_000
# What is read at once is all that an export keeps in memory, and no transaction lasts longer than that takes.
PAGE = 1_000
_FIRST = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@requires(BILLING_READ)
async def count_export(services: Services, actor: Actor, kind: ExportKind, span: Period) -> ExportCountOut:
    """How many rows it would have now."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.count_rows(conn, actor.organization_id, kind, span, MOST_COUNTED)
    return ExportCountOut(rows=found, is_at_least=found >= MOST_COUNTED)


@requires(BILLING_READ)
async def begin_export(services: Services, actor: Actor, kind: ExportKind, span: Period) -> AsyncIterator[str]:
    """Its lines, many at once. What changes while it is read may be in it or not; nothing is in it twice."""
    if kind in {"charges", "payments"}:
        async with services.db.transaction(actor) as conn:
            await events.record_read(conn, actor, kind, actor.organization_id, f"export of {kind}")
    return _lines(services, actor.organization_id, kind, span)


async def _lines(services: Services, organization_id: UUID, kind: ExportKind, span: Period) -> AsyncIterator[str]:
    yield heading(kind)
    after = _FIRST
    while True:
        async with services.db.reading(organization_id) as conn:
            rows = await queries.list_page(conn, organization_id, kind, span, after, PAGE)
        if rows:
            yield lines_of(kind, rows)
            after = rows[-1][0], rows[-1][1]
        if len(rows) < PAGE:
            return
