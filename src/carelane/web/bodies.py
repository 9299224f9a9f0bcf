"""Bodies of the billing dialect: names in either case, and a caller who sent a wrong one hears of everything at once.

What cannot be read breaks rules too. So the members at fault are taken out, or given a harmless value where one must be, and
the rules that the route names are asked about the rest.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import FieldInfo

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.web.idempotency import HEADER, key_problems
from carelane.web.routes import Rules
from carelane.web.wire import JsonBody, decode_either_case, exact_json, fields_of, parts, read_with_wire_names

# Stand-ins for members that must be there, of which one fits most types.
_HARMLESS: tuple[Any, ...] = ("-", 0, [], {})


class EitherCaseBody(JsonBody):
    """Hands the raw body to `decode_either_case`. With a body's problems come those of the rules that its route names in
    `opt["rules"]`, and of the header beside it."""

    def decode_bytes(self, value: bytes) -> Any:
        route = self.asgi_connection.route_handler
        wanted = route.parsed_data_field.annotation
        try:
            return decode_either_case(value, wanted)
        except InvalidRequestError as error:
            rules: Rules | None = route.opt.get("rules")
            further = further_problems(value, wanted, error.problems, rules) if rules is not None else []
            key = self.asgi_connection.headers.get(HEADER) if route.opt.get("repeatable") else None
            raise InvalidRequestError(problems=[*error.problems, *further, *key_problems(key)]) from error


def further_problems(body: bytes, wanted: Any, found: Sequence[FieldProblem], rules: Rules) -> list[FieldProblem]:
    """Broken rules of the members that `found` does not name. Nothing when the body cannot be mended that far."""
    try:
        raw = read_with_wire_names(body, wanted)
        for problem in found:
            _mend(raw, wanted, problem.steps())
        mended = msgspec.json.decode(exact_json(raw), type=wanted)
    except (ValueError, ArithmeticError, RecursionError, LookupError, TypeError, StopIteration):
        return []
    # Of the whole, nothing can be said while a part is missing.
    named = ("body", *(problem.field for problem in found))
    return [problem for problem in rules(mended) if not _is_in(problem.field, named)]


def _is_in(field: str, named: tuple[str, ...]) -> bool:
    return any(field == name or field.startswith((f"{name}.", f"{name}[")) for name in named)


def _mend(raw: Any, wanted: Any, steps: list[str | int]) -> None:
    """Takes the member that `steps` lead to out of `raw`, or puts a harmless one there."""
    *to_parent, last = steps
    for step in to_parent:
        wanted = _type_at(wanted, step)
        raw = raw[step]
    if isinstance(last, int):
        raw[last] = {}
        return
    field = _field(wanted, last)
    raw.pop(last, None)
    if field.required:
        raw[last] = next(value for value in _HARMLESS if _fits(value, field.type))


def _type_at(wanted: Any, step: str | int) -> Any:
    return parts(wanted)[1] if isinstance(step, int) else _field(wanted, step).type


def _field(wanted: Any, name: str) -> FieldInfo:
    struct, _ = parts(wanted)
    return next(field for field in fields_of(struct or msgspec.Struct) if field.encode_name == name)


def _fits(value: Any, wanted: Any) -> bool:
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        return False
    return True
