"""Bodies of the billing dialect: names in either case, and a caller who sent a wrong one hears of everything at once.

What cannot be read breaks rules too. So the members at fault are taken out, or given a harmless value where one must be, and
the rules that the route names are asked about the rest.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.web.idempotency import HEADER, key_problems
from carelane.web.problems import MAX_PROBLEMS, Shape, shape_of
from carelane.web.routes import Rules
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, decode_either_case, exact_json, read_as_meant

# Stand-ins for members that must be there, of which one fits most types.
_HARMLESS: tuple[Any, ...] = ("-", 0, [], {})


class EitherCaseBody(JsonBody):
    """Hands the raw body to `decode_either_case`. With a body's problems come those of the rules that its route names in
    `opt["rules"]`, and of the header beside it."""

    def read(self, body: Body) -> Any:
        try:
            return decode_either_case(body, self.wanted)
        except InvalidRequestError as error:
            route = self.asgi_connection.route_handler
            rules: Rules | None = route.opt.get("rules")
            further = further_problems(body, self.wanted, error.problems, rules) if rules is not None else []
            key = self.asgi_connection.headers.get(HEADER) if route.opt.get("repeatable") else None
            found = [*error.problems, *further, *key_problems(key)]
            raise InvalidRequestError(problems=found[:MAX_PROBLEMS]) from error


def further_problems(body: Body, wanted: Any, found: Sequence[FieldProblem], rules: Rules) -> list[FieldProblem]:
    """Broken rules of the members that `found` does not name. Nothing when the body cannot be mended that far."""
    try:
        raw = read_as_meant(body, wanted)
        for problem in found:
            _mend(raw, shape_of(wanted), problem.steps())
        mended = msgspec.json.decode(exact_json(raw), type=wanted)
    except (InvalidRequestError, ValueError, ArithmeticError, RecursionError, LookupError, TypeError, StopIteration):
        return []
    # Of the whole, nothing can be said while a part is missing.
    named = ("body", *(problem.field for problem in found))
    broken = islice(rules(mended), MAX_PROBLEMS)
    return [problem for problem in broken if not _is_in(problem.field, named)]


def _is_in(field: str, named: tuple[str, ...]) -> bool:
    return any(field == name or field.startswith((f"{name}.", f"{name}[")) for name in named)


def _mend(raw: Any, shape: Shape, steps: list[str | int]) -> None:
    """Takes the member that `steps` lead to out of `raw`, or puts a harmless one there."""
    *to_parent, last = steps
    for step in to_parent:
        shape = _member(shape, step)
        raw = raw[step]
    if isinstance(last, int):
        raw[last] = {}
        return
    raw.pop(last, None)
    if shape.fields[last].required:
        raw[last] = next(value for value in _HARMLESS if shape.members[last].fault_of(value) is None)


def _member(shape: Shape, step: str | int) -> Shape:
    member = shape.item if isinstance(step, int) else shape.members[step]
    if member is None:
        raise LookupError(step)
    return member
