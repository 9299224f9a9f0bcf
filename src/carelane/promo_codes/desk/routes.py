"""/api/staff/catalog/promo-codes."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.promo_codes.desk import actions, reads
from carelane.promo_codes.desk.schemas import PromoCodeIn, PromoCodeOut, PromoCodesOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.paging import IS_ACTIVE, LIMIT, OFFSET, PART_OF_NAME, Wanted
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

PromoCodeId = Annotated[str, PathParameter(description="UUID of the promo code")]


@routes.get("/catalog/promo-codes", "List promo codes")
async def list_catalog_promo_codes(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str | None, PART_OF_NAME] = None,
    is_active: Annotated[bool | None, IS_ACTIVE] = None,
    limit: Annotated[int, LIMIT] = 50,
    offset: Annotated[int, OFFSET] = 0,
) -> PromoCodesOut:
    """In the order of the alphabet, those that are not offered any more too."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_promo_codes(services, request.auth, wanted)


@routes.post("/catalog/promo-codes", "Make a promo code", errors=(RuleBrokenError,), repeatable=True)
async def create_catalog_promo_code(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PromoCodeIn]
) -> PromoCodeOut:
    """In the clinic's currency. Good from now on, unless it says from when."""
    return await actions.create_promo_code(services, request.auth, data, await read_key(request))


@routes.get("/catalog/promo-codes/{promo_code_id:str}", "Get a promo code", errors=(RecordNotFoundError,))
async def get_catalog_promo_code(
    request: ActorRequest, services: NamedDependency[Services], promo_code_id: PromoCodeId
) -> PromoCodeOut:
    """With the version to send when it is changed."""
    return await reads.get_promo_code(services, request.auth, promo_code_id)


@routes.put(
    "/catalog/promo-codes/{promo_code_id:str}",
    "Change a promo code",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_promo_code(
    request: ActorRequest, services: NamedDependency[Services], promo_code_id: PromoCodeId, data: JSONBody[PromoCodeIn]
) -> PromoCodeOut:
    """As a whole. `isActive` false switches it off; what was used stays used."""
    return await actions.change_promo_code(services, request.auth, promo_code_id, data, await read_key(request))
