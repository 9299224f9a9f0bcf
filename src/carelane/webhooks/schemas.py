"""The feed of events on the wire."""

from typing import Any

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi

USUAL_PAGE = 50
MAX_PAGE = 100
# As a position: behind all that has happened so far.
LATEST = "latest"
_MAX_POSITION = 2**63 - 1


class FeedPage(msgspec.Struct, frozen=True):
    """`after`: None asks for the end of the feed."""

    after: int | None
    limit: int


class FeedQuery(msgspec.Struct, frozen=True):
    """The feed's query as it was sent."""

    after: str | None
    limit: str | None

    def page(self) -> FeedPage:
        """Raises InvalidRequestError that names all that are wrong."""
        problems = []
        if self.after not in {None, LATEST} and not _is_number(self.after, 0, _MAX_POSITION):
            problems.append(FieldProblem("after", f"expected `after` of the answer before, 0 or {LATEST}"))
        if self.limit is not None and not _is_number(self.limit, 1, MAX_PAGE):
            problems.append(FieldProblem("limit", f"expected a number from 1 to {MAX_PAGE}"))
        if problems:
            raise InvalidRequestError(problems=problems)
        return FeedPage(None if self.after == LATEST else int(self.after or 0), int(self.limit or USUAL_PAGE))


def _is_number(text: str | None, least: int, most: int) -> bool:
    return text is not None and text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most


class FeedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`events` are bodies as a webhook carries them, with `position`. `after` is for the next question."""

    events: list[dict[str, Any]]
    after: int
    has_more: bool


class FeedAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: FeedOut
