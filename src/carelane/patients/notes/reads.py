"""Reads of quick notes. Each is recorded."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.patients.billing.access import get_patient
from carelane.patients.notes import queries
from carelane.patients.notes.schemas import NoteOut
from carelane.patients.notes.views import show_note
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services

MOST_NOTES = 500


@requires(PATIENTS_READ)
async def list_notes(services: Services, actor: Actor, ref: str) -> list[NoteOut]:
    """Those of the patient `ref`, the newest first. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        patient = await get_patient(conn, actor, ref)
        rows = await queries.list_notes(conn, actor.organization_id, patient.id, MOST_NOTES)
        await events.record_read(conn, actor, "patient", patient.id, "quick notes of a patient")
    return [show_note(data_key, row) for row in rows]


@requires(PATIENTS_READ)
async def get_note(services: Services, actor: Actor, ref: str) -> NoteOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_note(conn, actor.organization_id, record_id(actor.organization_id, ref))
        if row is None:
            raise RecordNotFoundError(f"no quick note {ref} here")
        await events.record_read(conn, actor, "patient", row.patient_id, "quick note of a patient")
    return show_note(data_key, row)
