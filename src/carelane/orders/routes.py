"""POST /api/v1/cases/:caseId (seed 001)."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.ids import parse_uuid
from carelane.orders import actions
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.orders.schemas import DryRunOut, OrderBody, OrderPlacedOut, SentOrder
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.wire import boolean_string

routes = Routes(tag="Orders", body=OrderBody)

_DRY_RUN = "`true`: nothing is written, and the answer lists everything that would be refused or warned of"


@routes.post(
    "/cases/{case_id:str}", "Place an order for a case", errors=(CaseDeniedError, OrderKeyUsedError), repeatable=True
)
async def place_order(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
    data: JSONBody[SentOrder],
    dry_run: Annotated[str | None, QueryParameter(name="dryRun", description=_DRY_RUN)] = None,
) -> OrderPlacedOut | DryRunOut:
    """Places an order with a pharmacy. It is answered as soon as it is kept; the pharmacy has it a moment later.

    With the header `Prefer: return=representation` the answer to a used `idempotencyKey` names the order that used it.
    """
    is_dry, request_key, known_id = boolean_string("dryRun", dry_run), await read_key(request), parse_uuid(case_id)
    # What cannot be an id names no case; asking the database would answer the same.
    if known_id is None:
        raise CaseDeniedError
    if is_dry:
        tried = await actions.try_order(services, request.auth, known_id, data, request_key)
        outcome = "created" if tried.would_create else "refused"
        return DryRunOut(message=f"Dry run: the order would be {outcome}", data=tried)
    try:
        return await actions.place_order(services, request.auth, known_id, data, request_key)
    except OrderKeyUsedError as used:
        if _wants_representation(request):
            raise
        raise OrderKeyUsedError from used


def _wants_representation(request: ActorRequest) -> bool:
    """Whether the header Prefer (RFC 7240) says so, among whatever else it says."""
    preferences = request.headers.get("prefer", "").lower().split(",")
    return any(preference.replace(" ", "").replace('"', "") == "return=representation" for preference in preferences)
