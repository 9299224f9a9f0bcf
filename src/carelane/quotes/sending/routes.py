"""POST /billing/quote/send."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.quotes.schemas import QuoteOut
from carelane.quotes.sending import actions
from carelane.quotes.sending.schemas import SendQuoteIn
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Quotes", body=EitherCaseBody)


@routes.post(
    "/billing/quote/send",
    "Send a quote to its patient",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    repeatable=True,
)
async def send_quote(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SendQuoteIn]
) -> QuoteOut:
    """Sends the link to the quote's page, by e-mail or text message, now or on a date. The worker sends it: the answer does
    not wait for the mail server. An open quote may be sent again as a reminder; `sentDate` stays."""
    return await actions.send_quote(services, request.auth, data, await read_key(request))
