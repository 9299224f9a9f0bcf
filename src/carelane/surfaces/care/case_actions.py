"""POST /api/v1/cases/:caseId: one URL for whatever a storefront does to a case; the body's `action` says which act it is.

A further action is one more line in CASE_ACTIONS: how its body is read, and the noun's own action. Everything else (permission,
transaction, event) is the noun's business.
"""

from functools import partial, update_wrapper
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.cases.errors import CaseClosedError, CaseMoveError, CaseNotFoundError, CaseNotOursError
from carelane.cases.storefront import actions as cases
from carelane.cases.storefront.schemas import (
    AddCommunicationIn,
    CaseChangedOut,
    CaseProductUpdatedOut,
    ChangeStatusIn,
    CommunicationAddedOut,
    UpdateCaseProductIn,
)
from carelane.kit.errors import RuleBrokenError
from carelane.orders import actions as orders
from carelane.orders.desk.actions import end_unsent
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.orders.schemas import DryRunOut, OrderPlacedOut, PlaceOrderIn, read_order
from carelane.services import Services
from carelane.surfaces.care.action_table import DRY_RUN, Action, ActionBody, ActionTable, SentAction
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.wire import boolean_string

# What has not left us ends with its case.
_change_status = update_wrapper(partial(cases.change_status, on_closed=end_unsent), cases.change_status)

CASE_ACTIONS = ActionTable(
    {
        "PLACE_ORDER": Action(schema=PlaceOrderIn, read=read_order, act=orders.place_order, dry_run=orders.try_order),
        "ADD_COMMUNICATION": Action(schema=AddCommunicationIn, act=cases.add_communication),
        "CHANGE_CASE_STATUS": Action(schema=ChangeStatusIn, act=_change_status),
        "UPDATE_CASE_PRODUCT": Action(schema=UpdateCaseProductIn, act=cases.update_case_product),
    }
)


class CaseActionBody(ActionBody):
    table = CASE_ACTIONS


routes = Routes(tag="Orders", body=CaseActionBody)

_DRY_RUN = "`true`: nothing is written, and the answer lists everything that would be refused or warned of"


@routes.post(
    "/cases/{case_id:str}",
    "Act on a case",
    errors=(
        CaseDeniedError,
        OrderKeyUsedError,
        CaseNotFoundError,
        CaseNotOursError,
        CaseClosedError,
        CaseMoveError,
        RuleBrokenError,
    ),
    repeatable=True,
    # From when there was one action; clients were generated with it.
    operation_id="placeOrder",
)
async def act_on_case(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
    data: JSONBody[SentAction],
    dry_run: Annotated[str | None, QueryParameter(name=DRY_RUN, description=_DRY_RUN)] = None,
) -> OrderPlacedOut | DryRunOut | CaseChangedOut | CommunicationAddedOut | CaseProductUpdatedOut:
    """Does what `action` says: places an order, writes into the case, opens, closes or reopens it, closes a product of it.

    An order is answered as soon as it is kept; the pharmacy has it a moment later.

    With the header `Prefer: return=representation` the answer to a used `idempotencyKey` names the order that used it.
    """
    act = CASE_ACTIONS.choose(data, is_dry_run=boolean_string(DRY_RUN, dry_run) is True)
    try:
        return await act(services, request.auth, case_id, data.body, await read_key(request, {DRY_RUN}))  # type: ignore[no-any-return]
    except OrderKeyUsedError as used:
        if _wants_representation(request):
            raise
        raise OrderKeyUsedError from used


def _wants_representation(request: ActorRequest) -> bool:
    """Whether the header Prefer (RFC 7240) says so, among whatever else it says."""
    preferences = request.headers.get("prefer", "").lower().split(",")
    return any(preference.replace(" ", "").replace('"', "") == "return=representation" for preference in preferences)
