"""/billing/payment-terminal/payin-config and charge-card, /billing/payment-plan/payin-config."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.payments.errors import GatewayMissingError
from carelane.payments.plans.at_desk import actions
from carelane.payments.terminal.schemas import (
    ChargeCardIn,
    ChargedOut,
    PayinConfigIn,
    PayinConfigOut,
    broken_rules,
    planned_problems,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)


@routes.post(
    "/billing/payment-terminal/payin-config",
    "Write down what is to be paid by card",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError, GatewayMissingError),
    rules=broken_rules,
    repeatable=True,
)
async def setup_payin_component(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PayinConfigIn]
) -> PayinConfigOut:
    """The first step. `paymentAmount` is paid to one charge after the other, at most what is outstanding; without it all of it. All
    charges are one patient's. Nothing is taken until a card is charged; `paymentMethods` are those that can be. With `paymentPlan` its
    `initialAmount` is taken then, and the rest in instalments, from the same card."""
    return await actions.write_down(services, request.auth, data, await read_key(request))


@routes.post(
    "/billing/payment-plan/payin-config",
    "Write down a payment plan and its first payment",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError, GatewayMissingError),
    rules=planned_problems,
    repeatable=True,
)
async def create_payin_config(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PayinConfigIn]
) -> PayinConfigOut:
    """The same, with a plan: once `charge-card` has taken its `initialAmount`, the rest follows in instalments, as with
    `create-with-charges`. `chargeIds` may be empty; the plan is for all `charges`."""
    return await actions.write_plan_down(services, request.auth, data, await read_key(request))


@routes.post(
    "/billing/payment-terminal/charge-card/{payment_method_id:str}",
    "Charge a card",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def charge_payment_method(
    request: ActorRequest,
    services: NamedDependency[Services],
    payment_method_id: Annotated[str, PathParameter(description="Id of the payment method")],
    data: JSONBody[ChargeCardIn],
) -> ChargedOut:
    """The second step. A card that says no answers `FAILED`, and the charges stay owed; another card needs a new config. While the
    gateway has not said what became of it the answer is `PROCESSING`: ask again with the same config, which never charges twice.
    `CANCELED`: the card gave `amount`, but nothing was owed any more, as the patient had paid another way at the same moment; all of
    it goes back to the card by itself, which the payment's `refunds` show. So does a part that one of the charges did not need any
    more. Where the config has a plan, that is agreed on with the first payment, and is canceled if the card says no."""
    return await actions.charge(services, request.auth, payment_method_id, data, await read_key(request))
