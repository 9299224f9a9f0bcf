"""What applying a file did, or would do."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

import msgspec

Action = Literal["create", "update", "unchanged", "revoke"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the file. A new credential comes with its `id`, and with its `secret` when that was made here."""

    action: Action
    what: str
    name: str
    id: UUID | None = None
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Change({self.action} {self.what} {self.name})"


def compare(
    what: str, wanted: list[Any], existing: list[Any], name: Callable[[Any], str] = attrgetter("name")
) -> list[Change]:
    """One change for each wanted row, against the existing row with its id. `name` is what a row is called by."""
    before = {row.id: row for row in existing}
    return [Change(action=_action(before.get(row.id), row), what=what, name=name(row)) for row in wanted]


def differing(wanted: list[Any], existing: list[Any]) -> list[Any]:
    """The wanted rows that must be written."""
    before = {row.id: row for row in existing}
    return [row for row in wanted if before.get(row.id) != row]


def _action(before: Any, after: Any) -> Action:
    if before is None:
        return "create"
    return "unchanged" if before == after else "update"
