"""Forms that bundles show, on the wire of the staff API: written as a whole, each other list of questions a new version."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, field

from carelane.forms.schemas import QuestionType
from carelane.web.versions import Version

MAX_QUESTIONS = 200
MAX_OPTIONS = 200
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Text = Annotated[str, Meta(max_length=10_000)]
Option = Annotated[str, Meta(min_length=1, max_length=500)]
FlagText = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
ChangeKind = Literal["ADDED", "REMOVED", "CHANGED", "MOVED"]


class AskedIfIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The question is asked only when an earlier one, counted from 0, got this response, or one of these."""

    question_index: Annotated[int, Meta(ge=0, le=10_000)]
    response: (
        Annotated[str, Meta(max_length=500)]
        | Annotated[list[Annotated[str, Meta(max_length=500)]], Meta(max_length=MAX_OPTIONS)]
    ) = ""


class ReadWithIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What the patient reads or signs with the question."""

    id: UUID
    file_name: Annotated[str, Meta(min_length=1, max_length=255)]
    is_global: bool = False


class AskedQuestionIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A question, as the organization file says one. Red flags: a text for whatever answer is not a no, and texts for options.
    `carry`: the answer holds from visit to visit."""

    text: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"\S")]
    type: QuestionType
    required: bool = False
    is_phi: bool = field(default=False, name="isPHI")
    options: Annotated[list[Option], Meta(max_length=MAX_OPTIONS)] = []
    hint: Text | None = None
    placeholder: Text | None = None
    render_mode: Annotated[str, Meta(max_length=40)] | None = None
    condition: AskedIfIn | None = None
    organization_document: ReadWithIn | None = None
    flag: FlagText | None = None
    option_flags: Annotated[dict[str, FlagText], Meta(max_length=MAX_OPTIONS)] = {}
    carry: bool = False


class AskedFormIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A form as a whole."""

    name: Name
    questions: Annotated[list[AskedQuestionIn], Meta(min_length=1, max_length=MAX_QUESTIONS)]
    description: Text | None = None
    is_active: bool = True
    # Storefronts ask one question at a time.
    show_steps_individually: bool = False
    version: Version | None = None


class QuestionFindingOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is odd about a question, counted from 0. What `stops` is not saved."""

    question: int
    code: str
    stops: bool
    text: str


class AskedFormOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`number` is that of the newest version, whose questions these are."""

    id: UUID
    name: str
    description: str | None
    is_active: bool
    show_steps_individually: bool
    number: int
    questions: list[AskedQuestionIn]
    findings: list[QuestionFindingOut]
    version: str


class ListedFormOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    is_active: bool
    number: int
    question_count: int
    changed_at: datetime | None


class ListedFormsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    forms: list[ListedFormOut]
    total: int


class FormVersionOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    number: int
    created_at: datetime
    question_count: int


class FormVersionsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first."""

    versions: list[FormVersionOut]


class PartChangedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One thing about a question, as it was and as it is."""

    what: str
    before: str
    now: str


class QuestionChangeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Where the question stood and stands, counted from 0; null where it is not."""

    kind: ChangeKind
    text: str
    before: int | None
    now: int | None
    parts: list[PartChangedOut]


class ComparedVersionsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Two versions of a form, question by question; what is the same in both is left out."""

    before: int
    now: int
    changes: list[QuestionChangeOut]
