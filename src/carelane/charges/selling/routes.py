"""/billing/payment-terminal: charges that are made at the desk, without a cart."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.charges.schemas import ChargeOut, ChargeSummaryOut
from carelane.charges.selling import actions
from carelane.charges.selling.schemas import ChargeIn, Charges, charge_problems, charges_problems
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

_ERRORS = (RecordNotFoundError, ConflictError, RuleBrokenError)

routes = Routes(tag="Charges", body=EitherCaseBody)


@routes.post(
    "/billing/payment-terminal/charge/create",
    "Create a charge",
    errors=_ERRORS,
    rules=charge_problems,
    repeatable=True,
)
async def create_charge(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ChargeIn]
) -> ChargeSummaryOut:
    """Sells without a cart. Lines are priced and taxed as those of carts, at the location or else at the patient's primary one;
    `totalOutstanding` must be what they come to, with the `tips`, each of which is owed for its provider. One over nothing is PAID at once."""
    return await actions.create_charge(services, request.auth, data, await read_key(request))


@routes.post(
    "/billing/payment-terminal/mark-no-charge",
    "Record what costs nothing",
    errors=_ERRORS,
    rules=charges_problems,
    repeatable=True,
)
async def mark_no_charge(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[Charges]
) -> list[ChargeOut]:
    """Charges whose lines come to nothing, all or none. They are PAID."""
    return await actions.mark_no_charge(services, request.auth, data, await read_key(request))
