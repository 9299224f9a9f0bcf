"""The timeline on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
_MAX_DIGITS = 9


class TimelineEventOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`number` counts the events of the case. `about` names what it is about: the member who was given the case, the product that
    was decided on, the pharmacy of the order, the amount of the payment in cents. `isApproved` is there for decisions."""

    id: UUID
    number: int
    type: str
    at: datetime
    actor_kind: Literal["key", "client", "staff", "patient", "system"]
    actor: BasicUserOut | None
    is_restricted: bool
    target_id: UUID | None
    about: str | None
    is_approved: bool | None
    value_before: str | None
    value_after: str | None


class TimelineOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The newest first. `next` is for `after`."""

    events: list[TimelineEventOut]
    next: int | None


class TimelineQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query as it was sent."""

    after: str | None
    limit: str | None

    def read(self) -> tuple[int | None, int]:
        """`after` and `limit`. Raises InvalidRequestError."""
        after, limit = _number(self.after), _number(self.limit)
        problems = []
        if self.after is not None and after is None:
            problems.append(FieldProblem("after", "expected `next` of the page before", "query"))
        if self.limit is not None and (limit is None or not 1 <= limit <= MAX_PAGE_SIZE):
            problems.append(FieldProblem("limit", f"expected a number from 1 to {MAX_PAGE_SIZE}", "query"))
        if problems:
            raise InvalidRequestError(problems=problems)
        return after, limit or PAGE_SIZE


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None
