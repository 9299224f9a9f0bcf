"""GET /api/v1/promo-codes: is a code good, and what does it take off?"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.promo_codes import reads
from carelane.promo_codes.errors import BundleIdError, CodeMissingError
from carelane.promo_codes.schemas import DiscountsOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Promo codes")


@routes.get("/promo-codes", "Check a promo code", errors=(CodeMissingError, BundleIdError))
async def list_discounts(
    request: ActorRequest,
    services: NamedDependency[Services],
    code: Annotated[str | None, QueryParameter(name="code", description="As the patient typed it, in any case")] = None,
    product_bundle_id: Annotated[
        str | None, QueryParameter(name="product_bundle_id", description="UUID of the bundle that it is for")
    ] = None,
) -> DiscountsOut:
    """What the code takes off now: an amount or a percentage. Nothing when it is not good; a code of some bundles is good for
    these alone."""
    return DiscountsOut(data=await reads.list_discounts(services, request.auth, code, product_bundle_id))
