"""/api/staff/audit/patients/{id}/readers"""

from litestar.di import NamedDependency

from carelane.audit.readers import reads
from carelane.audit.readers.schemas import ReadersOut
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.routes import PatientRef
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: audit")


@routes.get("/audit/patients/{patient_id:str}/readers", "Who may see a patient", errors=(PatientNotFoundError,))
async def list_readers(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> ReadersOut:
    """Members of staff, keys and clients that can open something of the patient, by which permission, whether they have done so, and when
    last. That it was read is recorded."""
    return await reads.list_readers(services, request.auth, patient_id)
