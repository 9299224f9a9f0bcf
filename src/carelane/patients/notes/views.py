"""From a note's row to the billing dialect's shape."""

from carelane.kit.damage import shown
from carelane.kit.phi import DataKey
from carelane.patients.notes.queries import NOTE, NoteRow
from carelane.patients.notes.schemas import NoteOut


def show_note(data_key: DataKey, row: NoteRow) -> NoteOut:
    """One that does not open is shown as damaged."""
    return NoteOut(
        id=str(row.id),
        patient_id=row.shown_patient_id,
        note=shown(data_key, bytes.fromhex(row.note), NOTE, row.id),
        creator=row.creator,
        event_id=row.appointment_id,
        created_date=row.created_at,
        updated_date=row.updated_at,
        is_archived=False,
    )
