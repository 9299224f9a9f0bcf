"""/api/staff/patients/{id}/reads"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.routes import PatientRef
from carelane.patient_detail.seen import reads
from carelane.patient_detail.seen.reads import SightQuery
from carelane.patient_detail.seen.schemas import SightsOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: patients")


@routes.get("/patients/{patient_id:str}/reads", "Who saw a patient's record", errors=(PatientNotFoundError,))
async def list_patient_reads(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientRef,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> SightsOut:
    """Who saw something of the patient's, when and why: the record, cases, money, appointments and documents, also of records that
    were merged into it. Lists of many patients are on record as lists and are not told of here."""
    return await reads.list_sights(services, request.auth, patient_id, SightQuery(after=after, limit=limit))
