"""POST /graphql/: one query, for whoever asks; what its fields need, their reads ask for."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from carelane.kit.errors import WrongCredentialError
from carelane.organizations.branding.reads import visitor
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

if TYPE_CHECKING:
    from carelane.surfaces.graphql.engine import Engine

PATH = "/graphql"
MAX_BODY_BYTES = 65_536
MAX_QUERY_CHARACTERS = 20_000

routes = Routes(tag="GraphQL")


class GraphqlIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A request as GraphQL over HTTP has it. One query at a time: a list of them is refused."""

    query: Annotated[str, Meta(min_length=1, max_length=MAX_QUERY_CHARACTERS)]
    variables: dict[str, Any] | None = None
    operation_name: Annotated[str, Meta(max_length=200)] | None = None
    # Apollo's clients send theirs along; none changes the answer.
    extensions: dict[str, Any] | None = None


class GraphqlErrorOut(msgspec.Struct, frozen=True, kw_only=True):
    """`extensions.code` is for programs, the same as in REST."""

    message: str
    extensions: dict[str, Any]
    locations: list[dict[str, int]] = []
    path: list[str | int] = []


class GraphqlOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    data: dict[str, Any] | None = None
    errors: list[GraphqlErrorOut] = []


@routes.post(PATH, "Ask a GraphQL query", errors=(WrongCredentialError,))
async def ask_graphql(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[GraphqlIn]
) -> Response[GraphqlOut]:
    """What a storefront shows needs no credential. Cases need a member's session token or a client's token in
    `Authorization: Bearer`, or a key in `cv-api-key`; so does introspection. Whatever a well-formed request comes to, the status
    is 200 and what went wrong stands under `errors`.
    """
    engine = await asyncio.to_thread(_engine) if _engine.cache_info().currsize == 0 else _engine()
    actor = request.scope["auth"]
    answer = await engine.answer(services, actor, data, request.scope["state"].get("request_id"))
    if actor is None and answer.organization_id is not None:
        # So that, of the pages of other origins, those of this organization alone may read it.
        request.scope["auth"] = visitor(answer.organization_id)
    body: Any = answer.body
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@cache
def _engine() -> "Engine":
    """Loaded by the first query, beside the event loop: most processes never need it."""
    from carelane.surfaces.graphql.engine import Engine

    return Engine()
