"""Reading what a pharmacy says, as much of it as can be read. No I/O.

A member that is null counts as left out, and so does an optional one that cannot be read: that an order was shipped must not
be lost because a link to its parcel is odd. What a report cannot do without must be right.
"""

import types
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
import structlog
from msgspec.structs import FieldInfo

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.pharmacies.adapters import is_possible
from carelane.web import wire

T = TypeVar("T")

log = structlog.get_logger()


def read_plain(body: bytes) -> dict[str, Any]:
    """The object of a message. Raises InvalidRequestError."""
    light = wire.light(body)
    try:
        return msgspec.json.decode(light, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(problems=[FieldProblem("body", "expected a JSON object in UTF-8")]) from error


def convert(raw: Any, wanted: type[T]) -> T:
    """`raw` is plain JSON. Raises msgspec.ValidationError when something that is required is missing or cannot be read."""
    if not isinstance(raw, dict):
        return msgspec.convert(raw, wanted)
    struct: Any = wanted
    read: dict[str, Any] = {}
    for field in _fields(struct):
        value = raw.get(field.encode_name)
        if value is None:
            continue
        try:
            read[field.encode_name] = _member(value, field.type)
        except msgspec.ValidationError:
            if field.required:
                raise
            log.warning("pharmacy_said_something_odd", field=field.encode_name)
    return msgspec.convert(read, wanted, from_attributes=True)


@cache
def _fields(wanted: Any) -> tuple[FieldInfo, ...]:
    return msgspec.structs.fields(wanted)


def _member(value: Any, wanted: Any) -> Any:
    """A value that the member takes: a list without the items that cannot be read, a text without what is too much of it."""
    inner, limits = _plain(wanted)
    if get_origin(inner) is list and isinstance(value, list):
        return _items(value, get_args(inner)[0], limits)
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return convert(value, inner)
    if inner is str and isinstance(value, str):
        value = value.replace("\0", "")
        value = value if limits.pattern or limits.max_length is None else value[: limits.max_length]
    read = msgspec.convert(value, wanted)
    if isinstance(read, datetime) and not is_possible(read):
        raise msgspec.ValidationError("a moment that no parcel has")
    return read


def _items(values: list[Any], wanted: Any, limits: msgspec.Meta) -> list[Any]:
    found = []
    for value in values[: limits.max_length]:
        try:
            found.append(_member(value, wanted))
        except msgspec.ValidationError:
            log.warning("pharmacy_said_something_odd", field="an item of a list")
    return found


def _plain(wanted: Any) -> tuple[Any, msgspec.Meta]:
    """The type without `None` and without its limits, and these."""
    if get_origin(wanted) in {Union, types.UnionType}:
        wanted = next(part for part in get_args(wanted) if part is not type(None))
    if get_origin(wanted) is Annotated:
        inner, *limits = get_args(wanted)
        return inner, next((one for one in limits if isinstance(one, msgspec.Meta)), msgspec.Meta())
    return wanted, msgspec.Meta()
