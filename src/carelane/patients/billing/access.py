"""The door from a caller's id for a patient to the patient's row."""

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.patients.billing import queries
from carelane.patients.billing.queries import Known, PatientRow


async def get_patient(conn: Connection, actor: Actor, ref: str) -> PatientRow:
    """Archived patients too. Raises RecordNotFoundError."""
    row = await queries.find_patient(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if row is None:
        raise RecordNotFoundError(f"no patient {ref} here")
    return row


async def lock_patient(conn: Connection, actor: Actor, ref: str) -> Known:
    """Raises RecordNotFoundError, and ConflictError when the patient is archived."""
    patient = await queries.lock_known(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if patient is None:
        raise RecordNotFoundError(f"no patient {ref} here")
    if patient.is_archived:
        raise ConflictError(f"the patient {ref} is archived; expected one that is not")
    return patient
