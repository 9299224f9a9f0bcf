"""Drafts on the wire, and the name that each has."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi

RecordKind = Literal["cases", "orders", "patients"]
KINDS: tuple[RecordKind, ...] = get_args(RecordKind)

MAX_FIELDS = 2_000
MAX_CHARACTERS = 200_000
_FORM = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)

FieldName = Annotated[str, Meta(min_length=1, max_length=200)]
Texts = Annotated[list[Annotated[str, Meta(max_length=100_000)]], Meta(max_length=1_000)]
Fields = Annotated[dict[FieldName, Texts], Meta(max_length=MAX_FIELDS)]


class DraftName(msgspec.Struct, frozen=True):
    """Which form of which record."""

    kind: RecordKind
    record_id: UUID
    form: str


class DraftIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of the form by their names; a name may have several texts."""

    fields: Fields


class DraftOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    record_kind: RecordKind
    record_id: UUID
    form: str
    fields: dict[str, list[str]]
    saved_at: datetime


class DraftsOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    drafts: list[DraftOut]


class DraftSavedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    saved_at: datetime


class DraftDiscardedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`wasThere`: there was something to discard."""

    was_there: bool


def parse_name(kind: str, record_id: str, form: str) -> DraftName:
    """Raises InvalidRequestError."""
    known = _kind(kind)
    found = parse_uuid(record_id)
    if known is None:
        raise InvalidRequestError(problems=[FieldProblem("recordKind", f"expected one of {', '.join(KINDS)}", "path")])
    if found is None:
        raise InvalidRequestError(problems=[FieldProblem("recordId", "expected a UUID", "path")])
    if not _FORM.fullmatch(form):
        expected = "expected 1 to 40 lower-case letters, digits and hyphens, a letter first"
        raise InvalidRequestError(problems=[FieldProblem("form", expected, "path")])
    return DraftName(known, found, form)


def _kind(text: str) -> RecordKind | None:
    return next((kind for kind in KINDS if kind == text), None)


def broken_rules(body: DraftIn) -> Iterator[FieldProblem]:
    if sum(len(text) for texts in body.fields.values() for text in texts) > MAX_CHARACTERS:
        yield FieldProblem("fields", f"expected at most {MAX_CHARACTERS} characters in all")
    if any("\0" in text for name, texts in body.fields.items() for text in (name, *texts)):
        yield FieldProblem("fields", "expected text without the character U+0000")
