"""Pages, ranges and words in the query of the billing dialect's lists."""

from collections.abc import Mapping
from typing import Any, Literal, LiteralString

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

PAGE = QueryParameter(ge=0, le=MAX_PAGE, description="Which page, from 1; without it, and for 0, the first")
PER_PAGE = QueryParameter(ge=1, le=MAX_PAGE_SIZE, description=f"Without it {PAGE_SIZE}")


class Page(msgspec.Struct, frozen=True):
    limit: int
    offset: int


def page_of(page: int | None, per_page: int | None) -> Page:
    size = per_page or PAGE_SIZE
    return Page(size, ((page or 1) - 1) * size)


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

    An index in ascending order has those first when it is read backwards: so they are read apart. It is ordered once more by whoever cuts the page.
    """
    most: LiteralString = "LIMIT %(limit)s + %(offset)s"
    return f"""({bare} AND {lead} IS NOT NULL ORDER BY {lead} DESC NULLS FIRST, {rest} {most})
UNION ALL ({bare} AND {lead} IS NULL ORDER BY {rest} {most})"""
