"""POST /api/v1/dynamic-case, POST /api/v1/customer-dynamic-case-form, and the first of them at its old address."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.cases.dynamic import actions, respond
from carelane.cases.dynamic.schemas import DynamicBody, DynamicCaseCreatedOut, DynamicCaseIn, DynamicFormIn
from carelane.cases.errors import CaseClosedError, CaseConflictError, CaseKeyUsedError, CaseNotFoundError
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Cases", body=DynamicBody)
form_routes = Routes(tag="Cases", body=DynamicBody)
legacy_routes = Routes(tag="Cases", body=DynamicBody)

_ERRORS = (RuleBrokenError, CaseConflictError, CaseKeyUsedError, CaseNotFoundError, CaseClosedError)


@routes.post("/dynamic-case", "Create a case from a form", errors=_ERRORS, repeatable=True)
async def create_dynamic_case(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[DynamicCaseIn]
) -> DynamicCaseCreatedOut:
    """Creates a case with its patient, the products of a bundle, one form and its answers, all or nothing."""
    return await actions.create_dynamic_case(services, request.auth, data, await read_key(request))


@form_routes.post(
    "/customer-dynamic-case-form",
    "Add a form to a case",
    errors=(RuleBrokenError, CaseNotFoundError, CaseClosedError),
    repeatable=True,
)
async def add_form(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[DynamicFormIn]
) -> DynamicCaseCreatedOut:
    """Adds a form with its answers to a case that is not archived."""
    return await respond.add_form(services, request.auth, data, await read_key(request))


@legacy_routes.post(
    "/handleDynamicCustomerForm", "Create a case from a form, key in the body", errors=_ERRORS, repeatable=True
)
async def handle_dynamic_customer_form(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[DynamicCaseIn]
) -> DynamicCaseCreatedOut:
    """As `POST /api/v1/dynamic-case`, at the address that storefronts used before; the key may come as `key` in the body."""
    return await actions.create_dynamic_case(services, request.auth, data, await read_key(request))
