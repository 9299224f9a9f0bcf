"""Stripe's wire: form-encoded bodies with brackets on the way in, JSON on the way out."""

import re
from functools import cache
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec

from carelane.payments.gateways.simulator.errors import ApiError, invalid

Object = dict[str, Any]
Params = TypeVar("Params", bound=msgspec.Struct)
# Whatever its keys look like, it is not a list.
_ALWAYS_NAMED = {"metadata"}
_INTEGER = re.compile(r"-?\d{1,18}")


def decode_form(text: str) -> Object:
    """The parameters of `a=1&b[c]=2&d[]=3&d[]=4` or `d[0]=3&d[1]=4`. Values stay texts."""
    found: Object = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(found, _path(name), value)
    return {name: _lists_within(name, value) for name, value in found.items()}


def convert(params: Object, kind: type[Params]) -> Params:
    """Raises ApiError as Stripe words it; the first thing that is wrong is told."""
    _require_known(params, kind)
    _require_integers(params, kind, "")
    try:
        return msgspec.convert(params, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _as_stripe_says(str(error)) from None


def _path(name: str) -> list[str]:
    head, *rest = name.split("[")
    return [head, *(part.rstrip("]") for part in rest)]


def _put(found: Object, path: list[str], value: str) -> None:
    *outer, last = path
    place = found
    for part in outer:
        place = place.setdefault(part or str(len(place)), {})
        if not isinstance(place, dict):
            raise invalid(f"Invalid {path[0]}", path[0])
    place[last or str(len(place))] = value


def _lists_within(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if name not in _ALWAYS_NAMED and value and all(key.isdigit() for key in value):
        return [_lists_within("", value[key]) for key in sorted(value, key=int)]
    return {key: _lists_within(key, inner) for key, inner in value.items()}


class _Parameter(msgspec.Struct, frozen=True):
    is_required: bool
    is_integer: bool
    inner: type[msgspec.Struct] | None


@cache
def _parameters(kind: type[msgspec.Struct]) -> dict[str, _Parameter]:
    """Looked up once: asking a type what it is takes longer than anything else here."""
    found = {}
    for field in msgspec.structs.fields(kind):
        kinds = [field.type, *get_args(field.type)]
        inner = [one for one in kinds if isinstance(one, type) and issubclass(one, msgspec.Struct)]
        found[field.encode_name] = _Parameter(field.required, int in kinds, inner[0] if inner else None)
    return found


def _require_known(params: Object, kind: type[msgspec.Struct]) -> None:
    known = _parameters(kind)
    for name in params:
        if name not in known:
            raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")
    for name, parameter in known.items():
        if parameter.is_required and params.get(name) in (None, ""):
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    # Nothing is as if it was not given, but `metadata=` empties it.
    for name in [name for name, value in params.items() if value == "" and name not in _ALWAYS_NAMED]:
        del params[name]


def _require_integers(params: Object, kind: type[msgspec.Struct], prefix: str) -> None:
    """Strictly: `49.00` is no integer, whatever a converter makes of it."""
    known = _parameters(kind)
    for name, value in params.items():
        parameter = known.get(name)
        if parameter is None:
            continue
        if parameter.is_integer and isinstance(value, str) and not _INTEGER.fullmatch(value):
            raise invalid(f"Invalid integer: {value}", prefix + name, "parameter_invalid_integer")
        for found in value if isinstance(value, list) else [value]:
            if parameter.inner is not None and isinstance(found, dict):
                _require_integers(found, parameter.inner, f"{prefix}{name}.")


def _as_stripe_says(problem: str) -> ApiError:
    """`Expected int, got str - at $.amount` is "Invalid integer" there."""
    said, _, place = problem.partition(" - at `$.")
    name = _bracketed(place.rstrip("`"))
    code = "parameter_invalid_integer" if "int" in said.split(",")[0] else None
    word = "Invalid integer" if code else "Invalid value"
    return invalid(f"{word}: {name} ({said})", name or None, code)


def _bracketed(place: str) -> str:
    head, *rest = place.replace("[...]", "").split(".")
    return head + "".join(f"[{part}]" for part in rest)
