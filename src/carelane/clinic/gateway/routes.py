"""/api/staff/settings/gateway-accounts and /api/staff/settings/payment-terms"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.clinic.errors import GatewayModeNotFoundError
from carelane.clinic.gateway import actions, reads
from carelane.clinic.gateway.access import mode_of
from carelane.clinic.gateway.schemas import (
    GatewayAccountIn,
    GatewayAccountOut,
    GatewayAccountsOut,
    PaymentTermsIn,
    PaymentTermsOut,
)
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")

ModeName = Annotated[str, PathParameter(description="`test` or `live`")]


@routes.get("/settings/gateway-accounts", "List gateway accounts")
async def list_gateway_accounts(request: ActorRequest, services: NamedDependency[Services]) -> GatewayAccountsOut:
    """What is set of each, without what it is."""
    return await reads.list_gateway_accounts(services, request.auth)


@routes.put(
    "/settings/gateway-accounts/{mode:str}",
    "Change a gateway account",
    errors=(GatewayModeNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_gateway_account(
    request: ActorRequest, services: NamedDependency[Services], mode: ModeName, data: JSONBody[GatewayAccountIn]
) -> GatewayAccountOut:
    """Makes it when it is new. What was begun with an account that is switched off still ends with it."""
    return await actions.change_gateway_account(services, request.auth, mode_of(mode), data, await read_key(request))


@routes.get("/settings/payment-terms", "Get the terms of payment")
async def get_payment_terms(request: ActorRequest, services: NamedDependency[Services]) -> PaymentTermsOut:
    """When cases are charged, and whether orders wait for it."""
    return await reads.get_payment_terms(services, request.auth)


@routes.put("/settings/payment-terms", "Change the terms of payment", errors=(RuleBrokenError, ChangedMeanwhileError))
async def change_payment_terms(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PaymentTermsIn]
) -> PaymentTermsOut:
    """Payments that were begun end as they were begun. [Fees](#list-fees) are changed on their own."""
    return await actions.change_payment_terms(services, request.auth, data, await read_key(request))
