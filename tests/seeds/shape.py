"""Holds an answer against a page's description of it, such as `"string or null"`, `"string (UUID)"`, `false` or `4`."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

# Described as plain text, but there is none until somebody did what they tell of, or the patient told it.
NULL_UNTIL_IT_HAPPENS = frozenset({
    "assignedAt", "inProgressAt", "closedAt", "closedBy", "inProgressBy", "assignedTo", "assignedBy", "hrRep",
    "productBundleId", "productBundle", "dueDate", "formResponseId", "address", "city", "state", "postalCode", "hint",
    "placeholder",
})  # fmt: skip


def differences(value: Any, described: Any, path: str = "") -> Iterator[str]:
    """Where `value` is not as described. Members that are not described are no difference."""
    name = path.rpartition(".")[2]
    if value is None and (described is None or _may_be_null(described) or name in NULL_UNTIL_IT_HAPPENS):
        return
    if isinstance(described, dict):
        yield from _object_differences(value, described, path)
    elif isinstance(described, list):
        yield from _list_differences(value, described, path)
    elif not _is_as_described(value, described):
        yield f"{path}: {value!r} is not {described!r}"


def _object_differences(value: Any, described: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    for name, inner in described.items():
        place = f"{path}.{name}" if path else name
        if isinstance(inner, str) and "(when documentFormat=" in inner:
            continue
        if name not in value:
            yield f"{place} is missing"
        else:
            yield from differences(value[name], inner, place)


def _list_differences(value: Any, described: list[Any], path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    for index, item in enumerate(value):
        yield from differences(item, described[0] if described else "string", f"{path}[{index}]")


def _may_be_null(described: Any) -> bool:
    return isinstance(described, str) and "or null" in described


def _is_as_described(value: Any, described: Any) -> bool:
    if described is None:
        return True  # null says nothing of what stands there when there is something.
    if isinstance(described, str) and not described.startswith("number"):
        return isinstance(value, str) and _has_format(value, described)
    wanted = int if isinstance(described, str) else type(described)
    return isinstance(value, wanted) and isinstance(value, bool) == isinstance(described, bool)


def _has_format(text: str, described: str) -> bool:
    try:
        if "(UUID)" in described:
            return str(UUID(text)) == text
        if "(ISO 8601)" in described:
            return datetime.fromisoformat(text).utcoffset() is not None
        if "(ISO Date)" in described:
            return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
    return True
