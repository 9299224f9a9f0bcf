"""Saving and discarding one's drafts. Saving again is the same act, so neither takes a request key; nor does an event tell of them:
an event for each pause in typing would bury those that matter."""

from datetime import datetime

import msgspec

from carelane.drafts import queries
from carelane.drafts.access import writer_of
from carelane.drafts.errors import RecordNotFoundError
from carelane.drafts.schemas import DraftDiscardedOut, DraftIn, DraftName, DraftSavedOut, broken_rules
from carelane.kit.auth import Actor
from carelane.kit.errors import refuse
from carelane.kit.ids import uuid7
from carelane.permissions import SESSION_OWN, requires
from carelane.services import Services


@requires(SESSION_OWN)
async def save_draft(services: Services, actor: Actor, name: DraftName, body: DraftIn) -> DraftSavedOut:
    """In place of what was saved before. Raises ScopeMissingError, RecordNotFoundError, RuleBrokenError."""
    staff_id = writer_of(actor, name.kind)
    refuse(list(broken_rules(body)))
    key = await services.keyring.data_key(actor.organization_id)
    plain = msgspec.json.encode(body.fields)
    async with services.db.transaction(actor) as conn:
        place = await queries.lock_place(conn, actor.organization_id, staff_id, name)
        if not place.is_record_there:
            raise RecordNotFoundError
        draft_id = place.id or uuid7()
        sealed = key.seal(plain, queries.DRAFT, draft_id)
        saved_at = await queries.save_draft(conn, actor.organization_id, staff_id, name, draft_id, sealed)
    return DraftSavedOut(saved_at=saved_at)


@requires(SESSION_OWN)
async def discard_draft(
    services: Services, actor: Actor, name: DraftName, saved_by: datetime | None = None
) -> DraftDiscardedOut:
    """The form was sent, or is not wanted any more. What was saved after `saved_by` stays: another window may have kept what it
    could not send. Raises ScopeMissingError."""
    staff_id = writer_of(actor, name.kind)
    async with services.db.transaction(actor) as conn:
        was_there = await queries.delete_draft(conn, actor.organization_id, staff_id, name, saved_by)
    return DraftDiscardedOut(was_there=was_there)
