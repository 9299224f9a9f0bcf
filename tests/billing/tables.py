"""Holds answers of the billing dialect, and our OpenAPI document, against the tables of `fields`."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple

import httpx

from carelane.surfaces.billing import BILLING, is_ours
from tests.billing.enums import ENUMS
from tests.billing.fields import ANSWERS, BODIES, OPERATIONS

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
_KIND = re.compile(r"([\w-]+?)(\+?)(\[\])?(\?)?(!)?(?:=(.*))?")
_ROUTES = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", route)), route) for route in OPERATIONS]


class Kind(NamedTuple):
    """A type of the tables, taken apart."""

    name: str
    is_open: bool
    is_list: bool
    is_nullable: bool
    is_required: bool
    default: str | None


def read_kind(text: str) -> Kind:
    matched = _KIND.fullmatch(text)
    assert matched, text
    name, plus, brackets, question, exclamation, default = matched.groups()
    assert name in {*_TYPES, *ENUMS, *ANSWERS, *BODIES, "date", "date-time"}, name
    return Kind(name, bool(plus), bool(brackets), bool(question), bool(exclamation), default)


@cache
def members(table: str) -> dict[str, Kind]:
    """The members of a table, in its order."""
    pairs = (member.split(":", maxsplit=1) for member in table.split())
    return {name: read_kind(text) for name, text in pairs}


def check(response: httpx.Response) -> None:
    """Raises AssertionError when an answer of the dialect is not as the tables say, or lacks its headers."""
    if not is_ours(response.request.url.path):
        return
    for name in BILLING.headers:
        assert response.headers.get(name, "").isdigit(), (
            f"{response.request.url.path}: {response.status_code} without {name}"
        )
    faults = list(_answer_faults(response))
    assert not faults, f"{response.request.method} {response.request.url.path}: {faults[:10]}"


def _answer_faults(response: httpx.Response) -> Iterator[str]:
    if response.status_code >= 400:
        yield from _error_faults(response.json(), response.status_code)
        return
    asked = f"{response.request.method} {response.request.url.path}"
    # The first that fits: a word of a path comes before a name in its place.
    routes = sorted((route.count("{"), route) for pattern, route in _ROUTES if pattern.fullmatch(asked))
    if routes:
        yield from faults(response.json(), read_kind(OPERATIONS[routes[0][1]][1]), "answer")


def _error_faults(body: Any, status: int) -> Iterator[str]:
    if set(body) != {"detail"}:
        yield f"an error has {sorted(body)}"
    elif status != 422:
        if not (isinstance(body["detail"], str) and body["detail"]):
            yield "detail is no text"
    elif not body["detail"]:
        yield "422 names nothing"
    else:
        for problem in body["detail"]:
            if list(problem) != ["loc", "msg", "type"] or problem["loc"][0] not in {"body", "query", "path", "header"}:
                yield f"{problem} is no ValidationError"


def faults(value: Any, kind: Kind, place: str) -> Iterator[str]:
    """Where `value` is not as the tables say: each member there, null only where it may be, no member beyond."""
    if value is None:
        if not kind.is_nullable:
            yield f"{place} is null"
    elif kind.is_list:
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for index, item in enumerate(value):
            yield from faults(item, kind._replace(is_list=False, is_nullable=False), f"{place}[{index}]")
    elif kind.name in ANSWERS:
        yield from _object_faults(value, kind, place)
    elif not _fits(value, kind.name):
        yield f"{place} is no {kind.name}"


def _object_faults(value: Any, kind: Kind, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} is no object"
        return
    table = members(ANSWERS[kind.name])
    for name, inner in table.items():
        if name not in value:
            yield f"{place}.{name} is missing"
        else:
            yield from faults(value[name], inner, f"{place}.{name}")
    if not kind.is_open:
        yield from (f"{place}.{name} is unknown" for name in value.keys() - table.keys())


def _fits(value: Any, name: str) -> bool:
    if name in ENUMS:
        return value in ENUMS[name].split()
    if name in _TYPES:
        return isinstance(value, _TYPES[name]) and (isinstance(value, bool) == (name == "boolean"))
    try:
        if name == "date":
            return date.fromisoformat(value).isoformat() == value
        return value.endswith("Z") and datetime.fromisoformat(value).tzinfo == UTC
    except (ValueError, AttributeError, TypeError):
        return False
