"""/user/patient: make, read, change and archive a patient."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.patients.billing import actions, reads
from carelane.patients.billing.schemas import (
    ArchivePatientsIn,
    BillingPatientIn,
    BillingPatientOut,
    BillingPatientPatch,
    PatientChartOut,
    broken_rules,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patients", body=EitherCaseBody)

PatientId = Annotated[str, PathParameter(description="Id of the patient")]


@routes.post(
    "/user/patient/create",
    "Create a patient",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    rules=broken_rules,
    repeatable=True,
)
async def create_patient(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BillingPatientIn]
) -> BillingPatientOut:
    """Makes a patient. When the e-mail address is that of a patient whom neither birth date nor name tell apart from this one,
    whoever made that patient, what was not known is added and the patient answered; one who was archived is a patient again. Names,
    gender and birth date that are known change by an update only."""
    return await actions.create_patient(services, request.auth, data, await read_key(request))


@routes.get("/user/patient/{patient_id:str}", "Get a patient", errors=(RecordNotFoundError,))
async def get_patient(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId
) -> PatientChartOut:
    """One patient with what is known of the health. An archived one too: `isArchived` says so."""
    return await reads.get_patient(services, request.auth, patient_id)


@routes.put(
    "/user/patient/{patient_id:str}",
    "Update a patient",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    rules=broken_rules,
)
async def update_patient(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientId,
    data: JSONBody[BillingPatientPatch],
) -> BillingPatientOut:
    """Changes what the body says; what is absent or null stays. An archived patient is a 409."""
    return await actions.update_patient(services, request.auth, patient_id, data)


@routes.post("/user/patient/archive", "Archive patients", errors=(RecordNotFoundError,), repeatable=True)
async def archive_patients(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ArchivePatientsIn]
) -> bool:
    """Archives all of them or none; with `isArchived` false they are taken back. Tables and searches leave them out."""
    return await actions.set_archived(services, request.auth, data, await read_key(request))
