"""/api/staff/templates: the clinic's and one's own; filled in for a case."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.cases.errors import CaseNotFoundError
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.templates import actions, reads
from carelane.templates.errors import TemplateNameTakenError, TemplateNotFoundError
from carelane.templates.schemas import FilledOut, Kind, TemplateIn, TemplateOut, TemplatesOut
from carelane.web.idempotency import read_key
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: templates")

TemplateId = Annotated[str, PathParameter(description="UUID of the template")]


@routes.get("/templates", "List templates")
async def list_templates(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: Annotated[Kind | None, QueryParameter(description="Of replies or of decisions only")] = None,
    q: Annotated[str | None, QueryParameter(description="What the name, the text or a medicine holds")] = None,
    product_id: Annotated[
        str | None, QueryParameter(name="productId", description="Those for this product, and those for all")
    ] = None,
) -> TemplatesOut:
    """One's own first, then the clinic's, by name."""
    refuse_unknown_filters(request, request.route_handler)
    return await reads.list_templates(services, request.auth, kind, q, product_id)


@routes.post("/templates", "Make a template", errors=(RuleBrokenError, TemplateNameTakenError), repeatable=True)
async def create_template(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[TemplateIn]
) -> TemplateOut:
    """One's own, or with `scope` CLINIC the clinic's. Texts may hold `{firstName}`, `{lastName}`, `{product}`, `{clinician}`,
    `{clinic}` and `{today}`."""
    return await actions.create_template(services, request.auth, data, await read_key(request))


@routes.get("/templates/{template_id:str}", "Get a template", errors=(TemplateNotFoundError,))
async def get_template(
    request: ActorRequest, services: NamedDependency[Services], template_id: TemplateId
) -> TemplateOut:
    """As it was written."""
    return await reads.get_template(services, request.auth, template_id)


@routes.put(
    "/templates/{template_id:str}",
    "Change a template",
    errors=(TemplateNotFoundError, RuleBrokenError, TemplateNameTakenError),
)
async def change_template(
    request: ActorRequest, services: NamedDependency[Services], template_id: TemplateId, data: JSONBody[TemplateIn]
) -> TemplateOut:
    """As a whole. What was decided with it stays as it is."""
    return await actions.change_template(services, request.auth, template_id, data, await read_key(request))


@routes.post(
    "/templates/{template_id:str}/archive", "Archive a template", errors=(TemplateNotFoundError,), repeatable=True
)
async def archive_template(
    request: ActorRequest, services: NamedDependency[Services], template_id: TemplateId
) -> TemplateOut:
    """Nobody sees it any more, and its name is free."""
    return await actions.archive_template(services, request.auth, template_id, await read_key(request))


@routes.get(
    "/templates/{template_id:str}/filled",
    "Preview a template on a case",
    errors=(TemplateNotFoundError, CaseNotFoundError),
)
async def fill_template(
    request: ActorRequest,
    services: NamedDependency[Services],
    template_id: TemplateId,
    case_id: Annotated[str, QueryParameter(name="caseId", description="UUID of a case")],
) -> FilledOut:
    """Its variables are filled in from the case; nothing is written."""
    refuse_unknown_filters(request, request.route_handler)
    return await reads.fill_template(services, request.auth, template_id, case_id)
