"""POST /api/v1/cases/:caseId: one URL for whatever a storefront does to a case; the body's `action` says which act it is.

A further action is one more line in CASE_ACTIONS: how its body is read, and the noun's own action. Everything else (permission,
transaction, event) is the noun's business.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, Union

import msgspec
from litestar.di import NamedDependency
from litestar.openapi.spec import Reference, Schema
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.typing import FieldDefinition

from carelane.cases.errors import CaseClosedError, CaseMoveError, CaseNotFoundError, CaseNotOursError
from carelane.cases.storefront import actions as cases
from carelane.cases.storefront.schemas import (
    AddCommunicationIn,
    CaseChangedOut,
    CaseProductUpdatedOut,
    ChangeStatusIn,
    CommunicationAddedOut,
    UpdateCaseProductIn,
    reader,
)
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError, RuleBrokenError
from carelane.kit.phi import Phi
from carelane.orders import actions as orders
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.orders.schemas import DryRunOut, OrderPlacedOut, PlaceOrderIn, read_order
from carelane.permissions import permissions_of
from carelane.services import Services
from carelane.web.idempotency import RequestKey, read_key
from carelane.web.parameters import same_name
from carelane.web.problems import spell
from carelane.web.routes import ActorRequest, Routes
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, boolean_string, decode_light, light

# What a body must look like follows from the table, so these types are made at run time, which no type checker follows.
_Literal: Any = Literal
_Union: Any = Union

DRY_RUN = "dryRun"

Act = Callable[[Services, Actor, str, Any, RequestKey | None], Awaitable[Any]]


class CaseAction(msgspec.Struct, frozen=True, kw_only=True):
    """`read` makes of the body, and of its plain JSON, what `act` takes. `dry_run` says what `act` would find."""

    schema: type
    read: Callable[[Body, dict[str, Any]], Any]
    act: Act
    dry_run: Act | None = None


class SentAction(Phi, msgspec.Struct, frozen=True):
    """A body as its action reads it."""

    action: CaseAction
    body: Any


class ActionTable:
    """The actions that a body may name. `permissions` are what they need between them, for the OpenAPI document."""

    def __init__(self, actions: dict[str, CaseAction]) -> None:
        self._actions = actions
        self._named: Any = msgspec.defstruct("Named", [("action", _Literal[tuple(actions)])])
        self.schema: Any = _Union[tuple(action.schema for action in actions.values())]
        acts = [act for action in actions.values() for act in (action.act, action.dry_run) if act is not None]
        self.permissions = permissions_of(*acts)

    def read(self, body: Body) -> SentAction:
        """Raises InvalidRequestError; of a body whose action is unknown, only that can be said."""
        body = light(body)
        raw = decode_light(body, dict[str, Any])
        misplaced = [name for name in raw if same_name(name) == same_name(DRY_RUN)]
        if misplaced:
            # Passed over like other unknown members, it would make the trial a real act.
            expected = f"unknown in the body; expected {DRY_RUN} in the query"
            raise InvalidRequestError(problems=[FieldProblem(spell((None, name)), expected) for name in misplaced])
        action = self._actions[decode_light(body, self._named).action]
        return SentAction(action, action.read(body, raw))

    def choose(self, sent: SentAction, *, is_dry_run: bool) -> Act:
        """What does it, or tries it. Raises InvalidRequestError for an action that cannot be tried."""
        if not is_dry_run:
            return sent.action.act
        if sent.action.dry_run is None:
            tried = ", ".join(name for name, action in self._actions.items() if action.dry_run)
            raise InvalidRequestError(problems=[FieldProblem(DRY_RUN, f"expected it only for {tried}", "query")])
        return sent.action.dry_run


CASE_ACTIONS = ActionTable(
    {
        "PLACE_ORDER": CaseAction(
            schema=PlaceOrderIn, read=read_order, act=orders.place_order, dry_run=orders.try_order
        ),
        "ADD_COMMUNICATION": CaseAction(
            schema=AddCommunicationIn, read=reader(AddCommunicationIn), act=cases.add_communication
        ),
        "CHANGE_CASE_STATUS": CaseAction(schema=ChangeStatusIn, read=reader(ChangeStatusIn), act=cases.change_status),
        "UPDATE_CASE_PRODUCT": CaseAction(
            schema=UpdateCaseProductIn, read=reader(UpdateCaseProductIn), act=cases.update_case_product
        ),
    }
)


class CaseActionBody(JsonBody):
    """The action decides what else the body must hold."""

    def read(self, body: Body) -> SentAction:
        return CASE_ACTIONS.read(body)

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,  # noqa: ARG003 - the base class's signature
        handler_id: str,  # noqa: ARG003 - the base class's signature
        schema_creator: Any,
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(  # type: ignore[no-any-return]
            FieldDefinition.from_annotation(CASE_ACTIONS.schema)
        )


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
