"""POST /api/staff/payments/{id}/send-link."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.payments.links import actions
from carelane.payments.links.schemas import LinkSentOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: payments")

PaymentId = Annotated[str, PathParameter(description="UUID of the payment")]


@routes.post(
    "/payments/{payment_id:str}/send-link",
    "Send the patient the link again",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def send_link(request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId) -> LinkSentOut:
    """Sends a new link to the payment's page, by e-mail and text message, as far as there are an address and a number. Links
    of before stop working. The worker sends it: the answer does not wait for the mail server."""
    return await actions.send_link(services, request.auth, payment_id, await read_key(request))
