"""Reads of merges."""

from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.patients.merging import queries
from carelane.patients.merging.errors import PatientNotFoundError
from carelane.patients.merging.schemas import MergesOut
from carelane.permissions import PATIENTS_MERGE, requires
from carelane.services import Services

MOST_MERGES = 100


@requires(PATIENTS_MERGE)
async def list_merges(services: Services, actor: Actor, ref: str) -> MergesOut:
    """The newest of those in which the patient stayed or was merged. Names nobody. Raises PatientNotFoundError."""
    patient_id = record_id(actor.organization_id, ref)
    async with services.db.reading(actor.organization_id) as conn:
        if not await queries.find_patients(conn, actor.organization_id, [patient_id]):
            raise PatientNotFoundError(f"no patient {ref} here")
        return MergesOut(await queries.list_merges(conn, actor.organization_id, patient_id, MOST_MERGES))
