"""Quick notes in the billing dialect."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank
from carelane.patients.billing.schemas import UserType

NoteText = Annotated[str, Meta(max_length=5_000)]
ShortText = Annotated[str, Meta(max_length=500)]


class NoteIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuickNoteCreate`."""

    patient_id: RecordName
    note: NoteText
    creator_id: RecordName
    event_id: ShortText | None = None
    external_id: ShortText | None = None


class NotePatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuickNoteUpdate`. What is absent or null stays as it is."""

    note: NoteText | None = None
    event_id: ShortText | None = None


class NoteCreatorOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`UserTiny`: who wrote a note."""

    id: str
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    type: UserType
    location_id: str | None = None


class NoteOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuickNoteSummary`."""

    id: str
    patient_id: str
    note: str
    creator: NoteCreatorOut
    event_id: str | None
    created_date: datetime
    updated_date: datetime | None
    is_archived: bool


def broken_rules(body: NoteIn | NotePatch) -> Iterator[FieldProblem]:
    if body.note is not None and is_blank(body.note):
        yield FieldProblem("note", "expected some text, not blank")
