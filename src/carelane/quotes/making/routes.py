"""POST /billing/quote."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import BILLING_WRITE
from carelane.quotes.making import actions
from carelane.quotes.making.schemas import QuoteIn, quote_problems
from carelane.quotes.schemas import QuoteOut
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest


@post(
    "/billing/quote",
    operation_id="createQuote",
    summary="Make a quote of a cart",
    tags=["Quotes"],
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError, RuleBrokenError), "repeatable": True, "rules": quote_problems},
)
async def create_quote(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[QuoteIn]) -> QuoteOut:
    """A draft with the lines, discounts and amounts that the cart has at this moment. `patientId` is the cart's patient,
    `creatorId` an active member of staff who may stand for a quote."""
    request.auth.require(BILLING_WRITE)
    return await actions.create_quote(services, request.auth, data, await read_key(request))
