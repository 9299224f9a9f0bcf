"""/api/staff/patients/{id}: a patient's whole record"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.patient_detail import reads
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.schemas import PatientDetailOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Staff: patients")

PatientRef = Annotated[str, PathParameter(description="Id of the patient, ours or the storefront's")]


@routes.get("/patients/{patient_id:str}", "Get a patient", errors=(PatientNotFoundError,))
async def get_patient_record(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> PatientDetailOut:
    """Who it is and how to reach them, allergies and medicines, the newest cases, carts, charges and documents with how many there
    are, what was paid and is owed, records that may be the same person's, and merges. That it was read is recorded. By the id of a
    record that was merged the one that stayed answers. Links of documents are good for 15 minutes."""
    return await reads.get_patient_detail(services, request.auth, patient_id, base_url(request, services))
