"""/billing/payment/cash, /billing/payment/patient-credit, and charges that are paid as they are sold."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from carelane.charges.money.schemas import PaymentSummaryOut
from carelane.charges.selling.schemas import Charges, charges_problems
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.money import MAX_CENTS
from carelane.payments.till.paying import actions as paying
from carelane.payments.till.schemas import PaidChargeIn
from carelane.payments.till.sold import actions as sold
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import names, word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)

_ERRORS = (RecordNotFoundError, ConflictError, RuleBrokenError)
Amount = Annotated[int, QueryParameter(ge=1, le=MAX_CENTS, description="What was handed over or is spent, in cents")]
Over = Annotated[
    int | None,
    QueryParameter(
        ge=0,
        le=MAX_CENTS,
        description="What of it is more than is owed, and becomes the patient's credit; else that is refused",
    ),
]


@routes.post("/billing/payment/cash/create", "Pay a charge in cash", errors=_ERRORS, repeatable=True)
async def create_cash_payment(
    request: ActorRequest,
    services: NamedDependency[Services],
    data: JSONBody[PaidChargeIn],
    payment_medium: Annotated[str, word("CASH, CHECK, CARE_CREDIT, or an external medium of the clinic's")] = "CASH",
    credit_overpayment_amount: Over = None,
) -> PaymentSummaryOut:
    """The body is the charge as the table shows it; its `totalOutstanding` is what is paid."""
    key = await read_key(request)
    return await paying.pay_in_cash(services, request.auth, payment_medium, credit_overpayment_amount, data, key)


@routes.post("/billing/payment/patient-credit/create", "Pay a charge from credit", errors=_ERRORS, repeatable=True)
async def create_patient_credit_payment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PaidChargeIn]
) -> PaymentSummaryOut:
    """The body is the charge as the table shows it; its `totalOutstanding` is what is paid. The oldest credit is spent first."""
    return await paying.pay_from_credit(services, request.auth, data, await read_key(request))


@routes.post(
    "/billing/payment-terminal/charge/create-cash-settled",
    "Sell charges that are paid in cash",
    errors=_ERRORS,
    rules=charges_problems,
    repeatable=True,
)
async def create_cash_settled(
    request: ActorRequest,
    services: NamedDependency[Services],
    data: JSONBody[Charges],
    payment_medium: Annotated[str, word("CASH, CHECK, CARE_CREDIT, or an external medium of the clinic's")],
    amount: Amount,
    credit_overpayment_amount: Over = None,
    patient_id: Annotated[str | None, word("Whose credit it becomes: the charges' patient")] = None,
) -> PaymentSummaryOut:
    """All charges are one patient's. The first is paid first; what is not paid of them stays outstanding."""
    return await sold.sell_for_cash(
        services,
        request.auth,
        data,
        await read_key(request),
        medium=payment_medium,
        amount_cents=amount,
        over_cents=credit_overpayment_amount,
        patient_ref=patient_id,
    )


@routes.post(
    "/billing/payment-terminal/charge/create-patient-credit-settled",
    "Sell charges that are paid from credit",
    errors=_ERRORS,
    rules=charges_problems,
    repeatable=True,
)
async def create_patient_credit_settled(
    request: ActorRequest,
    services: NamedDependency[Services],
    data: JSONBody[Charges],
    amount: Amount,
    credit_ids: Annotated[list[str] | None, names("Spend these, in this order; without, the oldest first")] = None,
) -> PaymentSummaryOut:
    """All charges are one patient's. The first is paid first; what is not paid of them stays outstanding."""
    key = await read_key(request)
    return await sold.sell_for_credit(services, request.auth, data, key, amount_cents=amount, credit_refs=credit_ids)
