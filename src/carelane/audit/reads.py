"""Searching the audit. That somebody looked is on record itself: of a patient's with the patient, else with the organization."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from carelane import events
from carelane.audit import queries
from carelane.audit.schemas import ActorOut, AuditFilters, AuditOut, AuditQuery
from carelane.audit.views import csv_head, show_entry, to_csv
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import record_id
from carelane.permissions import AUDIT_READ, requires
from carelane.services import Services

# Entries read at a time for an export; between two times no transaction is open.
_BATCH = 1_000


class _About(msgspec.Struct, frozen=True):
    """The records that are meant; None: all. And as what the look is on record: an order is of its case."""

    ids: list[UUID] | None
    kind: str
    seen_id: UUID


@requires(AUDIT_READ)
async def search_audit(services: Services, actor: Actor, query: AuditQuery) -> AuditOut:
    """The newest first. Raises InvalidRequestError."""
    filters = query.filters()
    async with services.db.transaction(actor) as conn:
        about = await _find_record(conn, actor, query.record)
        filters = msgspec.structs.replace(filters, record_ids=about.ids)
        found = await queries.list_entries(conn, actor.organization_id, filters, query.limit + 1)
        is_full = len(found) > query.limit
        reached = None if is_full else await queries.find_reached(conn, actor.organization_id, filters)
        await events.record_read(conn, actor, about.kind, about.seen_id, "audit")
    shown = found[: query.limit]
    return AuditOut(entries=[show_entry(row) for row in shown], next=shown[-1].id if is_full else reached)


@requires(AUDIT_READ)
async def export_audit(services: Services, actor: Actor, query: AuditQuery) -> AsyncIterator[str]:
    """Lines of CSV, a batch at a time, of at most MAX_EXPORT_DAYS. Everything that can be wrong is found before the first line.

    Raises InvalidRequestError.
    """
    filters = query.for_export().filters()
    async with services.db.transaction(actor) as conn:
        about = await _find_record(conn, actor, query.record)
        await events.record_read(conn, actor, about.kind, about.seen_id, "export of the audit")
    return _lines(services, actor.organization_id, msgspec.structs.replace(filters, record_ids=about.ids))


@requires(AUDIT_READ)
async def list_actors(services: Services, actor: Actor) -> list[ActorOut]:
    """Whom the audit can be searched for: members of staff, keys and clients."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_actors(conn, actor.organization_id)


async def _lines(services: Services, organization_id: UUID, filters: AuditFilters) -> AsyncIterator[str]:
    yield csv_head()
    while True:
        async with services.db.reading(organization_id) as conn:
            found = await queries.list_entries(conn, organization_id, filters, _BATCH)
            reached = (
                await queries.find_reached(conn, organization_id, filters) if len(found) < _BATCH else found[-1].id
            )
        if found:
            yield to_csv(show_entry(row) for row in found)
        if reached is None:
            return
        filters = msgspec.structs.replace(filters, before=reached)


async def _find_record(conn: Connection, actor: Actor, ref: str | None) -> _About:
    """An id that is of nothing we know may be that of a record that is gone."""
    organization_id = actor.organization_id
    if not ref:
        return _About(None, "audit", organization_id)
    named = record_id(organization_id, ref.strip())
    found = await queries.find_record(conn, organization_id, named, ref.strip().upper().replace("\0", ""))
    if found is None:
        return _About([named], "audit", organization_id)
    kind, seen_id = found
    if kind == "patient":
        return _About(await queries.list_records_of(conn, organization_id, seen_id), kind, seen_id)
    return _About([named], "case", seen_id) if kind == "order" else _About([seen_id], kind, seen_id)
