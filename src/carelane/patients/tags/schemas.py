"""Tags of patients in the billing dialect."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName

TagSortBy = Literal["name", "created_date", "updated_date"]
TagName = Annotated[str, Meta(min_length=1, max_length=100)]
Emoji = Annotated[str, Meta(max_length=10)]
Color = Annotated[str, Meta(max_length=7)]

MAX_TAGS_OF_PATIENT = 100


class TagOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientTagSummary`."""

    id: str
    name: str
    is_active: bool
    created_date: datetime
    emoji: str | None
    color: str | None
    updated_date: datetime | None


class TagDetailOut(TagOut, rename="camel", frozen=True, kw_only=True):
    """`PatientTagDetail`. Archived patients are not counted."""

    patient_count: int | None


class TagsOut(msgspec.Struct, frozen=True):
    """`Page_PatientTagSummary_`: a page, and how many there are in all."""

    data: list[TagOut]
    total: int


class TagIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientTagCreate`."""

    name: TagName
    emoji: Emoji | None = None
    color: Color | None = None
    is_active: bool = True


class TagPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientTagUpdate`. What is absent or null stays as it is."""

    name: TagName | None = None
    emoji: Emoji | None = None
    color: Color | None = None
    is_active: bool | None = None


class AssignmentIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientTagAssignment`: all tags the patient has from now on."""

    patient_id: RecordName
    tag_ids: Annotated[list[RecordName], Meta(max_length=MAX_TAGS_OF_PATIENT)]


class TagFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for. `name` is looked for anywhere, in any case."""

    name: str | None = None
    is_active: bool | None = None
    sort_by: TagSortBy = "name"
    is_descending: bool = False


def broken_rules(body: TagIn | TagPatch) -> Iterator[FieldProblem]:
    if body.name is not None and not body.name.strip():
        yield FieldProblem("name", "expected a word, not blank")
