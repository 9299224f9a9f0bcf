"""POST /billing/payment/send-receipt."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.bills.sending import actions
from carelane.bills.sending.schemas import SendReceiptIn, receipt_problems
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)


@routes.post(
    "/billing/payment/send-receipt",
    "Send a receipt to the patient",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    rules=receipt_problems,
    repeatable=True,
)
async def send_receipt(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SendReceiptIn]
) -> bool:
    """Sends the signed link to the receipt's page, good for a year: by mail, or with `useEmail` false by text message. The page
    shows what was paid to whoever has the link; what was sold, and the PDF, after the reader has shown to be the patient. The worker
    sends it: the answer does not wait for the mail server. Pages of the patient's that were closed after too many wrong tries open."""
    return await actions.send_receipt(services, request.auth, data, await read_key(request))
