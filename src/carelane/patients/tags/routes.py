"""/user/patient/tags, and the tags of one patient."""

from typing import Annotated

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane import events
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.patients.billing.access import get_patient
from carelane.patients.billing.routes import PatientName
from carelane.patients.tags import actions, queries
from carelane.patients.tags.schemas import (
    AssignmentIn,
    TagDetailOut,
    TagIn,
    TagOut,
    TagPatch,
    TagSortBy,
    TagsOut,
    broken_rules,
)
from carelane.permissions import PATIENTS_READ, PATIENTS_WRITE
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import PAGE, PER_PAGE, Direction, page_of, word
from carelane.web.routes import ActorRequest

TagId = Annotated[str, PathParameter(description="Id of the tag")]
_TAGS = ["Patient tags"]


@get("/user/patient/tags/list", operation_id="listPatientTags", summary="List tags", tags=_TAGS)
async def list_tags(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: Annotated[TagSortBy | None, QueryParameter(description="Usually `name`")] = None,
    sort_direction: Annotated[Direction | None, QueryParameter(description="Usually `asc`")] = None,
    location_id: Annotated[str | None, word("Changes nothing: tags are used at every location")] = None,  # noqa: ARG001
    name: Annotated[str | None, word("A part of the name, in any case")] = None,
    is_active: Annotated[bool | None, QueryParameter(description="Only such")] = None,
) -> TagsOut:
    """The organization's tags."""
    request.auth.require(PATIENTS_READ)
    async with services.db.reading(request.auth.organization_id) as conn:
        tags, total = await queries.list_page(
            conn,
            request.auth.organization_id,
            {"name": name or None, "is_active": is_active},
            sort_by or "name",
            page_of(page, per_page),
            is_descending=sort_direction == "desc",
        )
    return TagsOut(tags, total)


@post(
    "/user/patient/tags",
    operation_id="createPatientTag",
    summary="Create a tag",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, ConflictError), "repeatable": True, "rules": broken_rules},
)
async def create_tag(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[TagIn]) -> TagOut:
    """Makes a tag. A name that another tag has is a 409."""
    request.auth.require(PATIENTS_WRITE)
    return await actions.create_tag(services, request.auth, await read_key(request), data)


@get(
    "/user/patient/tags/{tag_id:str}",
    operation_id="getPatientTag",
    summary="Get a tag",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_tag(request: ActorRequest, services: NamedDependency[Services], tag_id: TagId) -> TagDetailOut:
    """One tag, and how many patients have it."""
    request.auth.require(PATIENTS_READ)
    organization_id = request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        found = await queries.find_tag(conn, organization_id, record_id(organization_id, tag_id))
    if found is None:
        raise RecordNotFoundError(f"no tag {tag_id} here")
    return found


@put(
    "/user/patient/tags/{tag_id:str}",
    operation_id="updatePatientTag",
    summary="Update a tag",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, RecordNotFoundError, ConflictError), "rules": broken_rules},
)
async def update_tag(
    request: ActorRequest, services: NamedDependency[Services], tag_id: TagId, data: JSONBody[TagPatch]
) -> TagOut:
    """Changes what the body says; what is absent or null stays."""
    request.auth.require(PATIENTS_WRITE)
    return await actions.update_tag(services, request.auth, tag_id, data)


@delete(
    "/user/patient/tags/{tag_id:str}",
    operation_id="deletePatientTag",
    summary="Delete a tag",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (RecordNotFoundError,)},
)
async def delete_tag(request: ActorRequest, services: NamedDependency[Services], tag_id: TagId) -> dict[str, str]:
    """Takes the tag from every patient, and away."""
    request.auth.require(PATIENTS_WRITE)
    await actions.delete_tag(services, request.auth, tag_id)
    return {"message": "The tag is gone."}


@get(
    "/user/patient/{patient_id:str}/tags",
    operation_id="getTagsOfPatient",
    summary="List a patient's tags",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def list_tags_of_patient(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientName
) -> list[TagOut]:
    """By name."""
    request.auth.require(PATIENTS_READ)
    organization_id = request.auth.organization_id
    async with services.db.transaction(request.auth) as conn:
        patient = await get_patient(conn, organization_id, record_id(organization_id, patient_id), patient_id)
        await events.record_read(conn, request.auth, "patient", patient.id, "tags of a patient")
    return patient.tags


@post(
    "/user/patient/{patient_id:str}/tags",
    operation_id="assignPatientTags",
    summary="Set a patient's tags",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, RecordNotFoundError, ConflictError), "repeatable": True},
)
async def assign_tags(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientName, data: JSONBody[AssignmentIn]
) -> dict[str, str]:
    """From now on the patient has these tags and no others. An archived patient is a 409."""
    request.auth.require(PATIENTS_WRITE)
    return await actions.assign_tags(services, request.auth, await read_key(request), patient_id, data)


TAGS = [list_tags, create_tag, get_tag, update_tag, delete_tag, list_tags_of_patient, assign_tags]
