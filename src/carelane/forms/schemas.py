"""Forms on the wire: what storefronts send with answers (seed 000), and what bundles show (seed 003)."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi

QuestionType = Literal[
    "TEXT", "SINGLESELECT", "MULTISELECT", "BOOLEAN", "DATE", "DATERANGE", "FILE", "STATEMENT",
    "WIDGET_BMI", "WIDGET_STATE_PICKER", "WIDGET_USER_ID_DOCUMENT", "WIDGET_VISIT_TYPE",
]  # fmt: skip
FILE_TYPES = frozenset({"FILE", "WIDGET_USER_ID_DOCUMENT"})

MAX_QUESTIONS = 500
MAX_OPTIONS = 500
MAX_FILES_PER_ANSWER = 20

Text = Annotated[str, Meta(max_length=5_000)]


class FileIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A document given as an answer; `data` is base64."""

    name: Annotated[str, Meta(max_length=255)]
    data: str
    content_type: Annotated[str, Meta(max_length=255)] = "application/octet-stream"


# Text answers may be long; file answers may also be one base64 string, which only the body limit bounds.
Answer = str | bool | int | float | Annotated[list[str | FileIn], Meta(max_length=MAX_OPTIONS)] | FileIn | None


class QuestionIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A question and its answer. A STATEMENT asks nothing, so it alone needs no answer."""

    question: Text
    type: QuestionType
    answer: Answer | UnsetType = UNSET
    required: bool | None = None
    phi: bool | None = None
    options: Annotated[list[Text], Meta(max_length=MAX_OPTIONS)] | None = None
    hint: Text | None = None
    placeholder: Text | None = None

    def __post_init__(self) -> None:
        if self.answer is UNSET and self.type != "STATEMENT":
            raise ValueError("answer is required")


class FormIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    title: Annotated[str, Meta(max_length=300)] | None = None
    description: Text | None = None
    questions: Annotated[list[QuestionIn], Meta(max_length=MAX_QUESTIONS)] | None = None


class QuestionOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A question as bundles show it (seed 003)."""

    hint: str | None
    id: UUID
    is_phi: bool = msgspec.field(name="isPHI")
    options: list[str]
    placeholder: str | None
    required: bool
    text: str
    type: str
    render_mode: str | None
    index: int
    condition: dict[str, Any] | None
    organization_document: dict[str, Any] | None


class FormOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    description: str | None
    is_active: bool
    questions: list[QuestionOut]


def broken_rules(form: FormIn, path: str) -> Iterator[FieldProblem]:
    """Answers no profile accepts; `path` is where the form stands in the body."""
    for index, question in enumerate(form.questions or ()):
        place = f"{path}.questions[{index}]"
        if not question.question.strip():
            yield FieldProblem(f"{place}.question", "expected the text of the question, not blank")
        if question.required and question.type != "STATEMENT" and question.answer in ("", [], None):
            yield FieldProblem(f"{place}.answer", "expected an answer: the question is required")
        if question.type not in FILE_TYPES and _holds_files(question.answer):
            yield FieldProblem(f"{place}.answer", "expected files only for questions of type FILE")
        if (
            isinstance(question.answer, list)
            and question.type in FILE_TYPES
            and len(question.answer) > MAX_FILES_PER_ANSWER
        ):
            yield FieldProblem(f"{place}.answer", f"expected at most {MAX_FILES_PER_ANSWER} files")


def doubts(form: FormIn, path: str) -> Iterator[FieldProblem]:
    """Answers that are none of the offered options: kept as warnings in `compat`, refused in `strict`."""
    for index, question in enumerate(form.questions or ()):
        options, answer = frozenset(question.options or ()), question.answer
        if not options:
            continue
        is_none = isinstance(answer, list) or (answer not in options and answer not in ("", None))
        if question.type == "SINGLESELECT" and is_none:
            yield FieldProblem(f"{path}.questions[{index}].answer", "expected one of the question's options")
        choices = answer if question.type == "MULTISELECT" and isinstance(answer, list) else []
        if any(choice not in options for choice in choices):
            yield FieldProblem(f"{path}.questions[{index}].answer", "expected choices among the question's options")


def _holds_files(answer: Any) -> bool:
    return isinstance(answer, FileIn) or (isinstance(answer, list) and any(isinstance(item, FileIn) for item in answer))


def answer_text(answer: Answer | UnsetType) -> str:
    """An answer as the text it is kept and shown as: lists as JSON, true and false as such, files by their names."""
    if isinstance(answer, str):
        return answer
    if answer is None or isinstance(answer, UnsetType):
        return ""
    if isinstance(answer, FileIn):
        return answer.name
    if isinstance(answer, list):
        return msgspec.json.encode([item.name if isinstance(item, FileIn) else str(item) for item in answer]).decode()
    return msgspec.json.encode(answer).decode()
