"""Answers a request: from what is kept, or by executing its document."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import structlog
from graphql import ExecutionResult, GraphQLError, execute

from carelane.kit.auth import Actor
from carelane.kit.errors import CarelaneError, InvalidRequestError, MissingCredentialError, UnavailableError
from carelane.services import Services
from carelane.surfaces.graphql.answers import Answers, Asked, Question
from carelane.surfaces.graphql.context import Context
from carelane.surfaces.graphql.documents import Documents
from carelane.surfaces.graphql.formats import extensions_of
from carelane.surfaces.graphql.schema import SCHEMA
from carelane.web.errors import where_raised

if TYPE_CHECKING:
    from carelane.surfaces.graphql.routes import GraphqlIn

Body = dict[str, Any]

log = structlog.get_logger()


class InvalidQueryError(InvalidRequestError):
    """The query does not fit the schema"""

    code = "GRAPHQL_VALIDATION_FAILED"


class Answer(msgspec.Struct, frozen=True):
    """Where a storefront was asked for, `organization_id` says whose it is."""

    body: bytes
    organization_id: UUID | None


class Engine:
    """One per process."""

    def __init__(self) -> None:
        self._documents = Documents(SCHEMA)
        self._answers = Answers()

    async def answer(
        self, services: Services, actor: Actor | None, sent: "GraphqlIn", request_id: str | None
    ) -> Answer:
        """Raises UnavailableError."""
        question: Question = (sent.query, sent.operation_name, msgspec.json.encode(sent.variables))
        kept = await self._answers.find(services, question) if actor is None else None
        if kept is not None:
            return _answer(kept.body, kept.asked)
        context = Context(services, actor, request_id)
        body = msgspec.json.encode(await self._execute(context, actor, sent, request_id))
        if actor is None and context.is_public:
            self._answers.keep(question, body, context.asked)
        return _answer(body, context.asked)

    async def _execute(self, context: Context, actor: Actor | None, sent: "GraphqlIn", request_id: str | None) -> Body:
        read = self._documents.read(sent.query)
        errors = read.errors
        if read.introspects and actor is None:
            secret = MissingCredentialError("introspection needs a credential")
            errors = [GraphQLError(secret.detail, original_error=secret)]
        if errors or read.document is None:
            context.is_public = False
            return {"errors": [_show(error, request_id) for error in errors]}
        result: Any = execute(
            SCHEMA,
            read.document,
            context_value=context,
            variable_values=sent.variables or {},
            operation_name=sent.operation_name,
            hide_suggestions=True,
        )
        return _body(await result if isinstance(result, Awaitable) else result, context, request_id)


def _answer(body: bytes, asked: list[Asked]) -> Answer:
    return Answer(body, asked[0].found.organization_id if asked else None)


def _body(result: ExecutionResult, context: Context, request_id: str | None) -> Body:
    if not result.errors:
        return {"data": result.data}
    # An error may pass; and what is answered in part is not worth keeping.
    context.is_public = False
    for error in result.errors:
        if isinstance(error.original_error, UnavailableError):
            raise error.original_error
    data = {"data": result.data} if any(error.path for error in result.errors) else {}
    return {**data, "errors": [_show(error, request_id) for error in result.errors]}


def _show(error: GraphQLError, request_id: str | None) -> Body:
    """What is ours is told as it is, what is unknown is not: its text could hold health information."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        ours: CarelaneError = InvalidQueryError(_without_value(error.message))
    elif isinstance(cause, CarelaneError):
        ours = cause
    else:
        log.error("request_failed", error=type(cause).__name__, where=where_raised(cause), request_id=request_id)
        ours = CarelaneError()
    shown: Body = {"message": ours.detail or ours.message, "extensions": extensions_of(ours)}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    return shown | ({"path": error.path} if error.path else {})


def _without_value(message: str) -> str:
    """`Variable '$caseId' has invalid value: …` quotes what was sent, which may be a name."""
    variable, found, _ = message.partition(" has invalid value")
    return f"{variable}: expected a value of its type" if found else message
