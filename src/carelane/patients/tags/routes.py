"""/user/patient/tags, and the tags of one patient."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.patients.billing.routes import PatientId
from carelane.patients.tags import actions, reads
from carelane.patients.tags.schemas import (
    AssignmentIn,
    TagDetailOut,
    TagFilters,
    TagIn,
    TagOut,
    TagPatch,
    TagSortBy,
    TagsOut,
    broken_rules,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import PAGE, PER_PAGE, Direction, page_of, word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patient tags", body=EitherCaseBody)

TagId = Annotated[str, PathParameter(description="Id of the tag")]


@routes.get("/user/patient/tags/list", "List tags")
async def list_patient_tags(
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
    filters = TagFilters(
        name=name or None,
        is_active=is_active,
        sort_by=sort_by or "name",
        is_descending=sort_direction == "desc",
    )
    return await reads.list_tags(services, request.auth, filters, page_of(page, per_page))


@routes.post(
    "/user/patient/tags", "Create a tag", errors=(RuleBrokenError, ConflictError), rules=broken_rules, repeatable=True
)
async def create_patient_tag(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[TagIn]
) -> TagOut:
    """Makes a tag. A name that another tag has is a 409."""
    return await actions.create_tag(services, request.auth, data, await read_key(request))


@routes.get("/user/patient/tags/{tag_id:str}", "Get a tag", errors=(RecordNotFoundError,))
async def get_patient_tag(request: ActorRequest, services: NamedDependency[Services], tag_id: TagId) -> TagDetailOut:
    """One tag, and how many patients have it."""
    return await reads.get_tag(services, request.auth, tag_id)


@routes.put(
    "/user/patient/tags/{tag_id:str}",
    "Update a tag",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    rules=broken_rules,
)
async def update_patient_tag(
    request: ActorRequest, services: NamedDependency[Services], tag_id: TagId, data: JSONBody[TagPatch]
) -> TagOut:
    """Changes what the body says; what is absent or null stays."""
    return await actions.update_tag(services, request.auth, tag_id, data)


@routes.delete("/user/patient/tags/{tag_id:str}", "Delete a tag", errors=(RecordNotFoundError,))
async def delete_patient_tag(
    request: ActorRequest, services: NamedDependency[Services], tag_id: TagId
) -> dict[str, str]:
    """Takes the tag from every patient, and away."""
    await actions.delete_tag(services, request.auth, tag_id)
    return {"message": "The tag is gone."}


@routes.get("/user/patient/{patient_id:str}/tags", "List a patient's tags", errors=(RecordNotFoundError,))
async def get_tags_of_patient(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId
) -> list[TagOut]:
    """By name."""
    return await reads.list_tags_of_patient(services, request.auth, patient_id)


@routes.post(
    "/user/patient/{patient_id:str}/tags",
    "Set a patient's tags",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def assign_patient_tags(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId, data: JSONBody[AssignmentIn]
) -> dict[str, str]:
    """From now on the patient has these tags and no others. An archived patient is a 409."""
    return await actions.assign_tags(services, request.auth, patient_id, data, await read_key(request))
