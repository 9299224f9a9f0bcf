"""/billing/payment-terminal/payin-config and charge-card."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.payments.errors import GatewayMissingError
from carelane.payments.terminal import actions
from carelane.payments.terminal.charging import actions as charging
from carelane.payments.terminal.schemas import (
    ChargeCardIn,
    ChargedOut,
    PayinConfigIn,
    PayinConfigOut,
    PayinMetadataOut,
    PaymentMedium,
    broken_rules,
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
    charges are one patient's. Nothing is taken until a card is charged; `paymentMethods` are those that can be."""
    return await actions.create_config(services, request.auth, data, await read_key(request))


@routes.patch(
    "/billing/payment-terminal/payin-config/{payin_config_id:str}/metadata",
    "Change what is to be paid by card",
    errors=(RecordNotFoundError, ConflictError),
)
async def update_payin_config_metadata(
    request: ActorRequest,
    services: NamedDependency[Services],
    payin_config_id: Annotated[str, PathParameter(description="Id of the config")],
    payment_medium: Annotated[PaymentMedium | None, QueryParameter(description="By which it is paid")] = None,
    save_payment_method: Annotated[bool | None, QueryParameter(description="Kept as it is said")] = None,
) -> PayinMetadataOut:
    """What is not said stays. Once a card was charged it is a 409."""
    return await actions.update_metadata(services, request.auth, payin_config_id, payment_medium, save_payment_method)


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
    gateway has not said what became of it the answer is `PROCESSING`: ask again with the same config, which never charges twice."""
    return await charging.charge_card(services, request.auth, payment_method_id, data, await read_key(request))
