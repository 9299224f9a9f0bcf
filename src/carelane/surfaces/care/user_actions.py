"""POST /api/v1/users: one URL for whatever a storefront does with a user; the body's `action` says which act it is."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Union

import msgspec
from litestar.di import NamedDependency
from litestar.openapi.spec import Reference, Schema
from litestar.params import JSONBody
from litestar.typing import FieldDefinition

from carelane.kit.auth import Actor
from carelane.kit.errors import ConflictError, RuleBrokenError
from carelane.kit.phi import Phi
from carelane.patients.users import actions as users
from carelane.patients.users.errors import (
    PaymentsLaterError,
    UserAmbiguousError,
    UserExistsError,
    UserNotFoundError,
)
from carelane.patients.users.schemas import (
    CreateUserIn,
    UpdateEmailIn,
    UpdatePaymentIn,
    UpdateProfileIn,
    UserAnswerOut,
)
from carelane.permissions import permissions_of
from carelane.services import Services
from carelane.web.idempotency import RequestKey, read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, decode_light, light

# What a body must look like follows from the table, so these types are made at run time, which no type checker follows.
_Literal: Any = Literal
_Union: Any = Union

Act = Callable[[Services, Actor, Any, RequestKey | None], Awaitable[UserAnswerOut]]


class SentUserAction(Phi, msgspec.Struct, frozen=True):
    """A body as its action reads it."""

    act: Act
    body: Any


class UserActions:
    """The actions that a body may name. `permissions` are what they need between them, for the OpenAPI document."""

    def __init__(self, acts: dict[str, tuple[type, Act]]) -> None:
        self._acts = acts
        self._named: Any = msgspec.defstruct("NamedUserAction", [("action", _Literal[tuple(acts)])])
        self.schema: Any = _Union[tuple(schema for schema, _ in acts.values())]
        self.permissions = permissions_of(*(act for _, act in acts.values()))

    def read(self, body: Body) -> SentUserAction:
        """Raises InvalidRequestError; of a body whose action is unknown, only that can be said."""
        body = light(body)
        schema, act = self._acts[decode_light(body, self._named).action]
        return SentUserAction(act, decode_light(body, schema))

    async def do(
        self, services: Services, actor: Actor, sent: SentUserAction, request_key: RequestKey | None
    ) -> UserAnswerOut:
        return await sent.act(services, actor, sent.body, request_key)


USER_ACTIONS = UserActions(
    {
        "CREATE_USER": (CreateUserIn, users.create_user),
        "UPDATE_PROFILE": (UpdateProfileIn, users.update_profile),
        "UPDATE_EMAIL": (UpdateEmailIn, users.update_email),
        "UPDATE_PAYMENT_INFO": (UpdatePaymentIn, users.update_payment),
    }
)


class UserActionBody(JsonBody):
    """The action decides what else the body must hold."""

    def read(self, body: Body) -> SentUserAction:
        return USER_ACTIONS.read(body)

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,  # noqa: ARG003 - the base class's signature
        handler_id: str,  # noqa: ARG003 - the base class's signature
        schema_creator: Any,
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(  # type: ignore[no-any-return]
            FieldDefinition.from_annotation(USER_ACTIONS.schema)
        )


routes = Routes(tag="Users", body=UserActionBody)


@routes.post(
    "/users",
    "Create or change a user",
    errors=(
        RuleBrokenError,
        UserNotFoundError,
        UserExistsError,
        UserAmbiguousError,
        ConflictError,
        PaymentsLaterError,
    ),
    repeatable=True,
)
async def act_on_user(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SentUserAction]
) -> UserAnswerOut:
    """`CREATE_USER`, `UPDATE_PROFILE` and `UPDATE_EMAIL`; `UPDATE_PAYMENT_INFO` answers 501 until payments are built.

    Names, birth date and gender cannot be changed once a clinician was given a case of the user; the e-mail address always can.
    """
    return await USER_ACTIONS.do(services, request.auth, data, await read_key(request))
