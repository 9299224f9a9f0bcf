"""Saved views over the wire."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.queue.schemas import QueueQuery
from carelane.kit.errors import FieldProblem, InvalidRequestError

MAX_VIEWS = 12
MAX_QUERY_CHARACTERS = 500

Scope = Literal["ME", "CLINIC"]

# By name in the address, the members of QueueQuery; where one is in a list belongs to no view.
PARAMETERS = {
    "status": "status",
    "assignedTo": "assigned_to",
    "isEscalated": "is_escalated",
    "isArchived": "is_archived",
    "awaitingPatient": "awaiting_patient",
    "product": "product",
    "state": "state",
    "fitsMyLicense": "fits_my_license",
    "q": "q",
}


class ViewIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[
        str, Meta(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$", description="1 to 60 characters, not blank")
    ]
    query: Annotated[str, Meta(max_length=MAX_QUERY_CHARACTERS)]
    scope: Scope = "ME"


class ViewOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`count` is how many cases are in it now; 1,000 stands for as many or more."""

    id: UUID
    name: str
    scope: Scope
    query: str
    count: int


class ViewsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    views: list[ViewOut]


def read_query(text: str) -> QueueQuery:
    """The filters that a query string names. Raises InvalidRequestError, at `query`."""
    return query_of(_pairs(text))


def query_of(pairs: list[tuple[str, str]]) -> QueueQuery:
    """The same of what an address holds already read."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        member = PARAMETERS.get(name)
        if member is None:
            raise _refused(f"knows no filter of that name; expected {', '.join(PARAMETERS)}")
        if member == "status":
            members.setdefault(member, []).append(value)
        elif member in members:
            raise _refused(f"expected {name} once")
        else:
            members[member] = value
    return QueueQuery(**members)


def checked_query(text: str, me: UUID | None) -> str:
    """The query spelled plainly, once its filters were read. Raises InvalidRequestError, at `query`."""
    try:
        read_query(text).filters(me)
    except InvalidRequestError as error:
        raise InvalidRequestError(problems=list(_at_query(error))) from None
    spelled = urlencode(_pairs(text))
    if len(spelled) > MAX_QUERY_CHARACTERS:
        raise _refused(f"expected at most {MAX_QUERY_CHARACTERS} characters")
    return spelled


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            text.removeprefix("?"), keep_blank_values=False, strict_parsing=bool(text.strip("?")), errors="strict"
        )
    except ValueError:
        raise _refused("expected filters as in an address, such as state=OR&assignedTo=none") from None


def _at_query(error: InvalidRequestError) -> Iterator[FieldProblem]:
    for problem in error.problems:
        text = problem.problem if problem.field == "query" else f"{problem.field}: {problem.problem}"
        yield FieldProblem("query", text)


def _refused(problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem("query", problem)])
