"""Query parameters of writes, and of all that our own API has: one that the route does not know is refused.

To pass over it would do the act without what the caller asked for: `?dry_run=true` would place the order; a filter that is
misspelled would show everything.
"""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.web.html.security import AnyConnection
from carelane.web.problems import MAX_PROBLEMS, spell

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What people spell differently: `dry_run`, `dry-run`, `DryRun`.
_SPELLING = re.compile(r"[^a-z0-9]+")


class ParameterError(InvalidRequestError):
    """Invalid request"""

    # 400 in every dialect: nothing of the body has been looked at.


async def refuse_unknown(connection: AnyConnection, route_handler: BaseRouteHandler) -> None:
    """A guard. Raises ParameterError for a write whose query holds a name that its route does not know, or one of them twice."""
    if connection.scope.get("method") not in _READING:
        await refuse_all_unknown(connection, route_handler)


async def refuse_all_unknown(connection: AnyConnection, route_handler: BaseRouteHandler) -> None:
    """A guard, of our own API: the same for a read. A filter that is misspelled would show what nobody asked for."""
    query = connection.scope["query_string"]
    if not query:
        return
    problems = list(_problems(query.decode("latin-1"), route_handler))
    if problems:
        raise ParameterError(problems=problems[:MAX_PROBLEMS])


def refuse_unknown_filters(request: AnyConnection, route_handler: BaseRouteHandler) -> None:
    """For a read whose lists must not be longer than the caller thinks. Raises ParameterError."""
    problems = list(_problems(request.scope["query_string"].decode("latin-1"), route_handler))
    if problems:
        raise ParameterError(problems=problems[:MAX_PROBLEMS])


def known_parameters(route_handler: BaseRouteHandler) -> dict[str, FieldDefinition]:
    """The query parameters that a route takes, by their names on the wire."""
    fields = route_handler.parsed_fn_signature.parameters.items()
    return {
        field.kwarg_definition.name or name: field
        for name, field in fields
        if isinstance(field.kwarg_definition, QueryParameter)
    }


def same_name(text: str) -> str:
    """What the spellings of a name have in common."""
    return _SPELLING.sub("", text.lower())


def _problems(query: str, route_handler: BaseRouteHandler) -> Iterator[FieldProblem]:
    known = known_parameters(route_handler)
    sent = Counter(name for name, _ in parse_qsl(query, keep_blank_values=True))
    for name, times in sent.items():
        field = known.get(name)
        if field is None:
            yield FieldProblem(spell((None, name)), _expected(name, list(known)), "query")
        elif times > 1 and not _is_list(field.annotation):
            yield FieldProblem(name, "expected once", "query")


def _is_list(annotation: Any) -> bool:
    """`list[str]`, or that or nothing."""
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def _expected(name: str, known: list[str]) -> str:
    if not known:
        return "unknown; expected no query parameter"
    meant = [right for right in known if same_name(right) == same_name(name)] or get_close_matches(name, known, n=1)
    return f"unknown; expected {meant[0]}" if meant else f"unknown; expected one of {', '.join(known)}"
