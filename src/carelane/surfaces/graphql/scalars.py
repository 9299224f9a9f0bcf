"""Values that GraphQL has no type for, written as REST writes them."""

from datetime import date, datetime
from typing import Any, NewType

import msgspec
import strawberry

DateTime = NewType("DateTime", datetime)
Json = NewType("Json", object)


def _write_moment(value: date | datetime) -> str:
    written: str = msgspec.to_builtins(value)
    return written if isinstance(value, datetime) else f"{written}T00:00:00Z"


def _refuse(value: Any) -> Any:  # noqa: ARG001 - nothing takes one
    raise ValueError("expected nothing")


SCALARS: dict[object, Any] = {
    DateTime: strawberry.scalar(name="DateTime", serialize=_write_moment, parse_value=_refuse),
    Json: strawberry.scalar(name="JSON", serialize=lambda value: value, parse_value=_refuse),
}
