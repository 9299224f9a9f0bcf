"""A URL whose body names one of many actions: the table from `action` to the noun's own act."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Union

import msgspec
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.permissions import permissions_of
from carelane.web.parameters import same_name
from carelane.web.problems import spell
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, decode_light, light

DRY_RUN = "dryRun"

# What a body must look like follows from the table, so these types are made at run time, which no type checker follows.
_Literal: Any = Literal
_Union: Any = Union

# `(services, actor, …, body, request_key)`; what stands between is for the route to know.
Act = Callable[..., Awaitable[Any]]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """`read` makes of the body, and of its plain JSON, what `act` takes; without one it is read as the schema says. `dry_run`
    says what `act` would find."""

    schema: type
    act: Act
    read: Callable[[Body, dict[str, Any]], Any] | None = None
    dry_run: Act | None = None


class SentAction(Phi, msgspec.Struct, frozen=True):
    """A body as its action reads it."""

    action: Action
    body: Any


class ActionTable:
    """The actions that a body may name. `permissions` are what they need between them, for the OpenAPI document."""

    def __init__(self, actions: dict[str, Action]) -> None:
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
        return SentAction(action, action.read(body, raw) if action.read else decode_light(body, action.schema))

    def choose(self, sent: SentAction, *, is_dry_run: bool = False) -> Act:
        """What does it, or tries it. Raises InvalidRequestError for an action that cannot be tried."""
        if not is_dry_run:
            return sent.action.act
        if sent.action.dry_run is None:
            tried = ", ".join(name for name, action in self._actions.items() if action.dry_run)
            raise InvalidRequestError(problems=[FieldProblem(DRY_RUN, f"expected it only for {tried}", "query")])
        return sent.action.dry_run


class ActionBody(JsonBody):
    """The action decides what else the body must hold; a subclass says of which table."""

    table: ActionTable

    def read(self, body: Body) -> SentAction:
        return self.table.read(body)

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,  # noqa: ARG003 - the base class's signature
        handler_id: str,  # noqa: ARG003 - the base class's signature
        schema_creator: Any,
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(cls.table.schema))  # type: ignore[no-any-return]
