"""/api/staff/catalog/forms: the forms that bundles show, their versions, and what is odd about their questions."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.forms.catalog import actions, reads
from carelane.forms.catalog.schemas import (
    AskedFormIn,
    AskedFormOut,
    ComparedVersionsOut,
    FormVersionsOut,
    ListedFormsOut,
)
from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.paging import IS_ACTIVE, LIMIT, OFFSET, PART_OF_NAME, Wanted
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

FormId = Annotated[str, PathParameter(description="UUID of the form")]
Number = Annotated[int, QueryParameter(ge=1, le=1_000_000, description="Number of a version")]


@routes.get("/catalog/forms", "List forms")
async def list_catalog_forms(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str | None, PART_OF_NAME] = None,
    is_active: Annotated[bool | None, IS_ACTIVE] = None,
    limit: Annotated[int, LIMIT] = 50,
    offset: Annotated[int, OFFSET] = 0,
) -> ListedFormsOut:
    """By name, without those that came with cases."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_forms(services, request.auth, wanted)


@routes.post("/catalog/forms", "Make a form", errors=(RuleBrokenError,), repeatable=True)
async def create_catalog_form(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[AskedFormIn]
) -> AskedFormOut:
    """With its first version. What stops saving is refused by the name of its field."""
    return await actions.create_form(services, request.auth, data, await read_key(request))


@routes.get("/catalog/forms/{form_id:str}", "Get a form", errors=(RecordNotFoundError,))
async def get_catalog_form(request: ActorRequest, services: NamedDependency[Services], form_id: FormId) -> AskedFormOut:
    """The questions of its newest version, and what is odd about them."""
    return await reads.get_form(services, request.auth, form_id)


@routes.put(
    "/catalog/forms/{form_id:str}",
    "Change a form",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_form(
    request: ActorRequest, services: NamedDependency[Services], form_id: FormId, data: JSONBody[AskedFormIn]
) -> AskedFormOut:
    """As a whole. Other questions make a new version; what was answered belongs to the version that was asked."""
    return await actions.change_form(services, request.auth, form_id, data, await read_key(request))


@routes.get("/catalog/forms/{form_id:str}/versions", "List a form's versions", errors=(RecordNotFoundError,))
async def list_catalog_form_versions(
    request: ActorRequest, services: NamedDependency[Services], form_id: FormId
) -> FormVersionsOut:
    """Newest first."""
    return await reads.list_versions(services, request.auth, form_id)


@routes.get("/catalog/forms/{form_id:str}/compared", "Compare two versions of a form", errors=(RecordNotFoundError,))
async def compare_catalog_form(
    request: ActorRequest, services: NamedDependency[Services], form_id: FormId, before: Number, now: Number
) -> ComparedVersionsOut:
    """Question by question; what is the same is left out."""
    refuse_unknown_filters(request, request.route_handler)
    return await reads.compare_versions(services, request.auth, form_id, before, now)
