"""/api/staff/patients/{id}/merge, and undoing it."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.patients.merging import actions, reads
from carelane.patients.merging.errors import MergeNotFoundError, MergeRefusedError, PatientNotFoundError
from carelane.patients.merging.schemas import MergeIn, MergeOut, MergesOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: patients")

PatientRef = Annotated[str, PathParameter(description="Id of the patient, ours or the storefront's")]
MergeId = Annotated[str, PathParameter(description="UUID of the merge")]


@routes.post(
    "/patients/{patient_id:str}/merge",
    "Merge two patients",
    errors=(PatientNotFoundError, MergeRefusedError),
    repeatable=True,
)
async def merge_patients(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef, data: JSONBody[MergeIn]
) -> MergeOut:
    """Two records are one person: the patient of the path stays, and the cases, orders, carts, quotes, charges and documents of
    `otherId` become this one's. The other keeps its details, is archived, and its id stands for this patient from now on. Whom
    a case is about stays as it was said with the case."""
    return await actions.merge_patients(services, request.auth, patient_id, data, await read_key(request))


@routes.get("/patients/{patient_id:str}/merges", "List the merges of a patient", errors=(PatientNotFoundError,))
async def list_merges(request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef) -> MergesOut:
    """Those in which the patient stayed or was merged, undone ones too, the newest first."""
    return await reads.list_merges(services, request.auth, patient_id)


@routes.post(
    "/patient-merges/{merge_id:str}/undo",
    "Undo a merge",
    errors=(MergeNotFoundError, MergeRefusedError),
    repeatable=True,
)
async def undo_merge(request: ActorRequest, services: NamedDependency[Services], merge_id: MergeId) -> MergeOut:
    """What had followed goes back to the other record, which is a patient of its own again. What came since the merge stays
    where it is."""
    return await actions.undo_merge(services, request.auth, merge_id, await read_key(request))
