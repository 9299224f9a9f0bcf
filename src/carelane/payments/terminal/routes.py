"""/billing/payment-terminal/payin-config/…/metadata. What may agree on a plan is in `payments/plans/at_desk/`."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.payments.terminal import actions
from carelane.payments.terminal.schemas import PayinMetadataOut, PaymentMedium
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)


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
