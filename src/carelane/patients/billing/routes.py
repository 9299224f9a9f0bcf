"""/user/patient: make, read, change and archive a patient."""

from typing import Annotated

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane import events
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.patients.billing import actions
from carelane.patients.billing.access import get_patient, show_chart
from carelane.patients.billing.schemas import (
    ArchivePatientsIn,
    BillingPatientIn,
    BillingPatientOut,
    BillingPatientPatch,
    PatientChartOut,
    broken_rules,
)
from carelane.permissions import PATIENTS_READ, PATIENTS_WRITE
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest

PatientName = Annotated[str, PathParameter(description="Id of the patient")]
_TAGS = ["Patients"]


@post(
    "/user/patient/create",
    operation_id="createPatient",
    summary="Create a patient",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, RecordNotFoundError, ConflictError), "repeatable": True, "rules": broken_rules},
)
async def create_patient(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BillingPatientIn]
) -> BillingPatientOut:
    """Makes a patient. With an e-mail address that is known here, whoever made that patient, the patient is brought up to date
    and answered; one who was archived is a patient again."""
    request.auth.require(PATIENTS_WRITE)
    return await actions.create_patient(services, request.auth, await read_key(request), data)


@get(
    "/user/patient/{patient_id:str}",
    operation_id="getPatient",
    summary="Get a patient",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def read_patient(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientName
) -> PatientChartOut:
    """One patient with what is known of the health. An archived one too: `isArchived` says so."""
    request.auth.require(PATIENTS_READ)
    organization_id = request.auth.organization_id
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(request.auth) as conn:
        row = await get_patient(conn, organization_id, record_id(organization_id, patient_id), patient_id)
        await events.record_read(conn, request.auth, "patient", row.id, "chart of a patient")
    return show_chart(data_key, row)


@put(
    "/user/patient/{patient_id:str}",
    operation_id="updatePatient",
    summary="Update a patient",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, RecordNotFoundError, ConflictError), "rules": broken_rules},
)
async def update_patient(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientName,
    data: JSONBody[BillingPatientPatch],
) -> BillingPatientOut:
    """Changes what the body says; what is absent or null stays. An archived patient is a 409."""
    request.auth.require(PATIENTS_WRITE)
    return await actions.update_patient(services, request.auth, patient_id, data)


@post(
    "/user/patient/archive",
    operation_id="archivePatients",
    summary="Archive patients",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError,), "repeatable": True},
)
async def archive_patients(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ArchivePatientsIn]
) -> bool:
    """Archives all of them or none; with `isArchived` false they are taken back. Tables and searches leave them out."""
    request.auth.require(PATIENTS_WRITE)
    return await actions.set_archived(services, request.auth, await read_key(request), data)


RECORDS = [create_patient, read_patient, update_patient, archive_patients]
