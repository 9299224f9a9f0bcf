"""Stand-ins for what the server chose itself: equal to any good value of their kind."""

import re
from typing import Any
from uuid import UUID


class _Like:
    """Equal to every string that matches the pattern."""

    __hash__ = None

    def __init__(self, name: str, pattern: str) -> None:
        self._name = name
        self._pattern = re.compile(pattern)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self._pattern.fullmatch(other) is not None

    def __repr__(self) -> str:
        return self._name


AN_ID: Any = _Like("AN_ID", r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
A_MOMENT: Any = _Like("A_MOMENT", r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def person(person_id: UUID, first_name: str, last_name: str) -> dict[str, str]:
    """The dialect's "Basic User"."""
    return {"id": str(person_id), "firstName": first_name, "lastName": last_name}
