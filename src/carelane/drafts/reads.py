"""One's own drafts about a record."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.drafts import queries
from carelane.drafts.access import writer_of
from carelane.drafts.queries import DRAFT, DraftRow
from carelane.drafts.schemas import DraftName, DraftOut, DraftsOut, RecordKind
from carelane.kit.auth import Actor
from carelane.kit.phi import DataKey
from carelane.permissions import SESSION_OWN, requires
from carelane.services import Services


@requires(SESSION_OWN)
async def list_drafts(services: Services, actor: Actor, kind: RecordKind, record_id: UUID) -> DraftsOut:
    """Each form's. Who asks wrote them, so it is no read of a record. Raises ScopeMissingError."""
    staff_id = writer_of(actor, kind)
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        rows = await queries.list_drafts(conn, actor.organization_id, staff_id, kind, record_id)
    return DraftsOut(drafts=[_show(key, row) for row in rows])


@requires(SESSION_OWN)
async def find_saved_at(services: Services, actor: Actor, name: DraftName) -> datetime | None:
    """None: there is no such draft. Raises ScopeMissingError."""
    staff_id = writer_of(actor, name.kind)
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.find_saved_at(conn, actor.organization_id, staff_id, name)


def _show(key: DataKey, row: DraftRow) -> DraftOut:
    fields = msgspec.json.decode(key.open(bytes(row.sealed), DRAFT, row.id), type=dict[str, list[str]])
    return DraftOut(
        record_kind=row.record_kind, record_id=row.record_id, form=row.form, fields=fields, saved_at=row.saved_at
    )
