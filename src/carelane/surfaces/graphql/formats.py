"""Errors of GraphQL: a list under `errors`, each with its code under `extensions`."""

from typing import Any

from carelane.kit.errors import CarelaneError, FieldProblem
from carelane.web.errors import Body, ErrorFormat


def extensions_of(error: CarelaneError, problem: FieldProblem | None = None) -> dict[str, Any]:
    field = {"field": problem.field} if problem else {}
    return {"code": error.code, "status": error.status, **field}


def _body(error: CarelaneError, _status: int, text: str, _request_id: str | None) -> Body:
    """What kept a request from being answered at all: one error for each field at fault."""
    shown: list[Body] = [
        {"message": f"{problem.field}: {problem.problem}", "extensions": extensions_of(error, problem)}
        for problem in error.problems
    ] or [{"message": error.detail or text, "extensions": extensions_of(error)}]
    return {"errors": shown}


GRAPHQL = ErrorFormat(
    shape=_body,
    problem_schema={
        "type": "object",
        "required": ["message", "extensions"],
        "properties": {
            "message": {"type": "string"},
            "extensions": {
                "type": "object",
                "required": ["code", "status"],
                "properties": {
                    "code": {"type": "string"},
                    "status": {"type": "integer"},
                    "field": {"type": "string"},
                },
            },
        },
    },
)
