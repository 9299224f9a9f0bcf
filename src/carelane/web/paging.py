"""Pages, ranges and words in the query of the billing dialect's lists."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.money import MAX_CENTS

PAGE_SIZE = 25
MAX_PAGE_SIZE = 1_000
MAX_PAGE = 1_000_000
MAX_IDS = 500
MAX_WORD_CHARACTERS = 200

Direction = Literal["asc", "desc"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SMALLEST = timedelta(microseconds=1)
_MOST_DIGITS = 18

PAGE = QueryParameter(ge=0, le=MAX_PAGE, description="Which page, from 1; without it, and for 0, the first")
PER_PAGE = QueryParameter(ge=1, le=MAX_PAGE_SIZE, description=f"Without it {PAGE_SIZE}")

# Of lists that go on from where a page ended.
AFTER = QueryParameter(max_length=60, description="`next` of the page before")
PAGE_LIMIT = QueryParameter(ge=1, le=100, description="How many at most")


# Of lists that are looked through by name.
PART_OF_NAME = QueryParameter(max_length=MAX_WORD_CHARACTERS, description="A part of the name")
IS_ACTIVE = QueryParameter(name="isActive", description="Only those that are offered, or only the others")
LIMIT = QueryParameter(ge=1, le=200, description="How many")
OFFSET = QueryParameter(ge=0, le=MAX_PAGE, description="How many are left out")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of a list: a part of the name, those that are offered or the others (None: all), and where in the list."""

    q: str | None = None
    is_active: bool | None = None
    limit: int = 50
    offset: int = 0

    def values(self, organization_id: UUID) -> dict[str, object]:
        """For a statement: `q` as a pattern. Raises InvalidRequestError for a text that no name can hold."""
        if self.q is not None and "\0" in self.q:
            raise InvalidRequestError(problems=[FieldProblem("q", "expected text without U+0000", "query")])
        name = None if not self.q else pattern(self.q)
        return msgspec.structs.asdict(self) | {"organization_id": organization_id, "name": name}


class Page(msgspec.Struct, frozen=True):
    limit: int
    offset: int


def page_of(page: int | None, per_page: int | None) -> Page:
    size = per_page or PAGE_SIZE
    return Page(size, ((page or 1) - 1) * size)


class Place(msgspec.Struct, frozen=True):
    """Where a page of a list ended that is sorted by a moment, then by id. Its text is what callers send as `after`."""

    at: datetime
    id: UUID

    @property
    def text(self) -> str:
        return f"{(self.at - _EPOCH) // _SMALLEST}-{self.id.hex}"


def read_place(name: str, text: str | None) -> Place | None:
    """Raises InvalidRequestError."""
    if not text:
        return None
    moment, _, tail = text.partition("-")
    try:
        if not (moment.isascii() and moment.isdigit()):
            raise ValueError(moment)
        return Place(_EPOCH + int(moment[:_MOST_DIGITS]) * _SMALLEST, UUID(hex=tail))
    except (ValueError, OverflowError):
        raise InvalidRequestError(problems=[FieldProblem(name, "expected `next` of a page", "query")]) from None


def word(description: str, name: str | None = None) -> Any:
    """A text that is looked for. `name` is that on the wire, where the handler cannot use it."""
    return QueryParameter(name=name, max_length=MAX_WORD_CHARACTERS, description=description)


def names(description: str) -> Any:
    """A parameter that may be repeated."""
    return QueryParameter(max_items=MAX_IDS, description=f"{description}; may be repeated")


def ranges_of(asked: Mapping[str, list[int] | None]) -> dict[str, list[int] | None]:
    """Each as its lowest and its highest, None where nothing was asked. Raises InvalidRequestError with all that are wrong."""
    expected = f"expected two whole numbers from 0 to {MAX_CENTS}, the lower one first: sent twice"
    wrong = [name for name, values in asked.items() if values is not None and not _is_range(values)]
    if wrong:
        raise InvalidRequestError(problems=[FieldProblem(name, expected, "query") for name in wrong])
    return dict(asked)


def _is_range(values: list[int]) -> bool:
    return len(values) == 2 and 0 <= values[0] <= values[1] <= MAX_CENTS


def pattern(text: str) -> str:
    """For ILIKE: texts that have `text` in them, character for character."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def asked_for(conditions: Mapping[str, LiteralString], values: Mapping[str, object]) -> LiteralString:
    """The conditions whose value was asked for. One that was not must not be in the statement: it is planned once, for all."""
    return "".join(f" AND {text}" for name, text in conditions.items() if values.get(name) is not None)


def last_without(bare: LiteralString, lead: LiteralString, rest: LiteralString) -> LiteralString:
    """The first rows of `bare`, which ends in a condition, by `lead` from the greatest on, those that have none at the end.

    An index in ascending order has those first when it is read backwards: so they are read apart, each part in the index's own order.
    It is ordered once more by whoever cuts the page.
    """
    most: LiteralString = "LIMIT %(limit)s + %(offset)s"
    return f"""({bare} AND {lead} IS NOT NULL ORDER BY {lead} DESC NULLS FIRST, {rest} {most})
UNION ALL ({bare} AND {lead} IS NULL ORDER BY {lead} DESC NULLS FIRST, {rest} {most})"""
