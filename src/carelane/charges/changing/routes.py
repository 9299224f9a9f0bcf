"""/billing/charge: changing what is written on one, and archiving it."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.charges.changing import actions, reads
from carelane.charges.changing.schemas import ChargeCommentIn, ChargeDetailsIn, SoldBy, details_problems
from carelane.charges.schemas import UserOut
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import names, word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Charges", body=EitherCaseBody)

ChargeId = Annotated[str, PathParameter(description="Id of the charge, or the one it was given")]


@routes.delete(
    "/billing/charge/{charge_id:str}",
    "Archive a charge",
    errors=(RecordNotFoundError, ConflictError),
)
async def archive_charge(request: ActorRequest, services: NamedDependency[Services], charge_id: ChargeId) -> bool:
    """Nothing is owed for it any more, and it is not found any more. Refused once anything was paid; refunds are for that."""
    return await actions.archive_charge(services, request.auth, charge_id)


@routes.get("/billing/charge/patients-by-ids", "Get the patients of charges")
async def get_patients_by_charge_ids(
    request: ActorRequest,
    services: NamedDependency[Services],
    charge_ids: Annotated[list[str], names("Ids of charges")],
) -> dict[str, UserOut]:
    """Whom each charge is of, by the id that was asked for. Charges that are not there are left out."""
    return await reads.get_patients(services, request.auth, charge_ids)


@routes.post(
    "/billing/charge/update-comment/{id:str}",
    "Change the comment of a charge",
    errors=(RecordNotFoundError,),
    repeatable=True,
)
async def update_charge_comment(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: ChargeId,  # noqa: A002 - its name in the path
    data: JSONBody[ChargeCommentIn],
) -> bool:
    """What staff say of it. An empty comment takes it away."""
    body = ChargeDetailsIn(comment=data.comment)
    return await actions.update_charge(services, request.auth, id, body, await read_key(request))


@routes.post(
    "/billing/charge/update-details/{id:str}",
    "Change the details of a charge",
    errors=(RecordNotFoundError, RuleBrokenError),
    rules=details_problems,
    repeatable=True,
)
async def update_charge_details(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: ChargeId,  # noqa: A002 - its name in the path
    data: JSONBody[ChargeDetailsIn],
) -> bool:
    """Changes what the body names; empty texts take away what there was."""
    return await actions.update_charge(services, request.auth, id, data, await read_key(request))


@routes.post(
    "/billing/charge/update-sold-by-provider",
    "Say who sold something",
    errors=(RecordNotFoundError, RuleBrokenError),
    repeatable=True,
)
async def update_sold_by_provider(
    request: ActorRequest,
    services: NamedDependency[Services],
    item_id: Annotated[str, word("`id` of the line in the charge's `items`")],
    item_type: Annotated[str, word("CHARGE_ITEM, or SOLD_PACKAGE for a line that sells a package")],
    provider_id: Annotated[str | None, word("The member of staff; without it nobody")] = None,
) -> dict[str, str]:
    """Answers what was asked for."""
    sold = SoldBy(item_id=item_id, item_type=item_type, provider_id=provider_id)
    return await actions.update_sold_by_provider(services, request.auth, sold, await read_key(request))
