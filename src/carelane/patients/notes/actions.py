"""Writes on quick notes."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.patients.billing.access import lock_patient
from carelane.patients.notes import queries
from carelane.patients.notes.queries import NOTE
from carelane.patients.notes.schemas import NoteIn, NoteOut, NotePatch, broken_rules
from carelane.patients.notes.views import show_note
from carelane.permissions import PATIENTS_WRITE, requires
from carelane.services import Services
from carelane.staff.schemas import creator_problems
from carelane.web.idempotency import RequestKey, run_once


@requires(PATIENTS_WRITE)
async def create_note(services: Services, actor: Actor, body: NoteIn, request_key: RequestKey | None) -> NoteOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError (archived), and what `run_once` raises."""
    refuse(broken_rules(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, body))


async def _create(actor: Actor, data_key: DataKey, body: NoteIn, conn: Connection) -> NoteOut:
    organization_id, note_id = actor.organization_id, uuid7()
    creator_id = record_id(organization_id, body.creator_id)
    patient = await lock_patient(conn, actor, body.patient_id)
    role = await queries.find_role(conn, organization_id, creator_id)
    if role is None:
        raise RecordNotFoundError(f"no member of staff {body.creator_id} here")
    refuse(creator_problems(role))
    sealed = data_key.seal(body.note.encode(), NOTE, note_id)
    named = (body.event_id or None, body.external_id or None)
    await queries.insert_note(conn, organization_id, note_id, patient.id, sealed, creator_id, *named)
    return await _told(conn, actor, data_key, note_id, patient.id, "CREATED")


@requires(PATIENTS_WRITE)
async def update_note(services: Services, actor: Actor, ref: str, body: NotePatch) -> NoteOut:
    """Raises RuleBrokenError, RecordNotFoundError."""
    refuse(broken_rules(body))
    note_id = record_id(actor.organization_id, ref)
    data_key = await services.keyring.data_key(actor.organization_id)
    sealed = None if body.note is None else data_key.seal(body.note.encode(), NOTE, note_id)
    async with services.db.transaction(actor) as conn:
        patient_id = await queries.update_note(conn, actor.organization_id, note_id, sealed, body.event_id or None)
        if patient_id is None:
            raise RecordNotFoundError(f"no quick note {ref} here")
        return await _told(conn, actor, data_key, note_id, patient_id, "CHANGED")


@requires(PATIENTS_WRITE)
async def archive_note(services: Services, actor: Actor, ref: str) -> bool:
    """It is not found any more. Raises RecordNotFoundError."""
    note_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        patient_id = await queries.set_archived(conn, actor.organization_id, note_id)
        if patient_id is None:
            raise RecordNotFoundError(f"no quick note {ref} here")
        await _record(conn, actor, patient_id, "ARCHIVED")
    return True


async def _told(
    conn: Connection, actor: Actor, data_key: DataKey, note_id: UUID, patient_id: UUID, how: str
) -> NoteOut:
    await _record(conn, actor, patient_id, how)
    row = await queries.find_note(conn, actor.organization_id, note_id)
    assert row is not None
    return show_note(data_key, row)


async def _record(conn: Connection, actor: Actor, patient_id: UUID, how: str) -> None:
    event = events.new_event(actor, "QUICK_NOTE_CHANGED", None, target_id=patient_id, value_after=how)
    await events.record(conn, event)
