"""/api/staff/payments: where payments stand and why; try again, say how one ended."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.payments.desk import actions, reads
from carelane.payments.desk.errors import PaymentStateError
from carelane.payments.desk.schemas import (
    PaymentDetailOut,
    PaymentPageOut,
    PaymentQuery,
    PaymentRowOut,
    PaymentWhyOut,
    ResolveIn,
)
from carelane.payments.errors import PaymentNotFoundError
from carelane.payments.states import Stage
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: payments")

PaymentId = Annotated[str, PathParameter(description="UUID of the payment")]


@routes.get("/payments", "List payments")
async def list_payments(
    request: ActorRequest,
    services: NamedDependency[Services],
    stage: Annotated[list[Stage] | None, QueryParameter(description="Any of these; may be repeated")] = None,
    case_id: Annotated[str | None, QueryParameter(name="caseId", description="UUID of a case")] = None,
    charge_id: Annotated[str | None, QueryParameter(name="chargeId", description="UUID of a charge")] = None,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> PaymentPageOut:
    """The organization's payments, newest first, page by page. Holds no health information."""
    query = PaymentQuery(stages=stage, case_id=case_id, charge_id=charge_id, after=after, limit=limit)
    return await reads.list_payments(services, request.auth, query)


@routes.get("/payments/{payment_id:str}", "Get a payment", errors=(PaymentNotFoundError,))
async def get_payment(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> PaymentDetailOut:
    """One payment with the gateway's intents, our tries, refunds and disputes. Comments are shown to those who may read cases."""
    return await reads.get_payment(services, request.auth, payment_id)


@routes.get("/payments/{payment_id:str}/why", "Why does it stand there?", errors=(PaymentNotFoundError,))
async def explain_payment(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> PaymentWhyOut:
    """What the payment waits for, since when, what failed, what happens next and when, and who can move it."""
    return await reads.explain_payment(services, request.auth, payment_id)


@routes.post(
    "/payments/{payment_id:str}/retry",
    "Have a payment tried again",
    errors=(PaymentNotFoundError, PaymentStateError),
    repeatable=True,
)
async def retry_payment(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> PaymentRowOut:
    """Now, in place of later or never. A try whose outcome is not known is looked up first; a card that was declined for good is
    not charged again."""
    return await actions.retry_payment(services, request.auth, payment_id, await read_key(request))


@routes.post(
    "/payments/{payment_id:str}/resolve",
    "Say how a payment ended",
    errors=(PaymentNotFoundError, PaymentStateError),
    repeatable=True,
)
async def resolve_payment(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId, data: JSONBody[ResolveIn]
) -> PaymentRowOut:
    """Of a payment that does not go on by itself: `LOOK_UP` asks the gateway once more, `GIVE_UP` releases what is held and ends it,
    `PAID_ELSEWHERE` records that the patient paid it in full some other way."""
    return await actions.resolve_payment(services, request.auth, payment_id, data, await read_key(request))
