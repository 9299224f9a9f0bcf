"""POST /billing/quote/send."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import BILLING_WRITE
from carelane.quotes.schemas import QuoteOut
from carelane.quotes.sending import actions
from carelane.quotes.sending.schemas import SendQuoteIn
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.bodies import EitherCaseBody
from carelane.web.routes import ActorRequest


@post(
    "/billing/quote/send",
    operation_id="sendQuote",
    summary="Send a quote to its patient",
    tags=["Quotes"],
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError, RuleBrokenError), "repeatable": True},
)
async def send_quote(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SendQuoteIn]
) -> QuoteOut:
    """Sends the link to the quote's page, by e-mail or text message, now or on a date. The worker sends it: the answer does
    not wait for the mail server. An open quote may be sent again as a reminder; `sentDate` stays."""
    request.auth.require(BILLING_WRITE)
    sending = actions.read_sending(data)
    data_key = await services.keyring.data_key(request.auth.organization_id)
    return await idempotency.run_once(
        services,
        request.auth,
        await idempotency.read_key(request),
        lambda conn: actions.send_quote(conn, request.auth, data_key, services.settings, sending),
    )
