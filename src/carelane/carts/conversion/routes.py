"""POST /billing/cart/{cart_id}/convert-to-charge."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.carts.conversion import actions
from carelane.carts.conversion.schemas import ConvertCartIn
from carelane.carts.schemas import CartId
from carelane.charges.schemas import ChargeOut
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import BILLING_WRITE
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest


@post(
    "/billing/cart/{cart_id:str}/convert-to-charge",
    operation_id="convertCartToCharge",
    summary="Convert a cart to a charge",
    tags=["Carts"],
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RecordNotFoundError, ConflictError, RuleBrokenError), "repeatable": True},
)
async def convert_cart(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, data: JSONBody[ConvertCartIn]
) -> ChargeOut:
    """Makes a charge of a cart's lines, once: whoever asks again is given the same charge. A cart whose quote was accepted
    becomes the charge of that quote. Fractions of a piece are charged as one piece. With another `locationId` than the
    cart's, the charge has the taxes of that location."""
    request.auth.require(BILLING_WRITE)
    return await actions.convert_cart(services, request.auth, cart_id, data, await read_key(request))
