"""POST /api/v1/cases/:caseId/products."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.cases.errors import CaseClosedError, CaseMoveError, CaseNotFoundError
from carelane.cases.storefront import actions
from carelane.cases.storefront.schemas import ProductsAddedOut, ProductsBody, ProductsIn
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Cases", body=ProductsBody)


@routes.post(
    "/cases/{case_id:str}/products",
    "Add products to a case",
    errors=(RuleBrokenError, CaseNotFoundError, CaseClosedError, CaseMoveError),
    repeatable=True,
)
async def add_case_products(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
    data: JSONBody[ProductsIn],
) -> ProductsAddedOut:
    """Adds products, each with its form, visit type and subscription, to a case that nobody has decided on."""
    return await actions.add_products(services, request.auth, case_id, data, await read_key(request))
