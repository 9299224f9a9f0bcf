"""Forms on the wire: what storefronts send with answers (seed 000), and what bundles show (seed 003)."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.data_urls import EncodedFile, holds_nothing, is_data_url, is_encoded_file, may_be_bare_file
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank
from carelane.kit.us_addresses import is_state

QuestionType = Literal[
    "TEXT", "SINGLESELECT", "MULTISELECT", "BOOLEAN", "DATE", "DATERANGE", "FILE", "STATEMENT",
    "WIDGET_BMI", "WIDGET_STATE_PICKER", "WIDGET_USER_ID_DOCUMENT", "WIDGET_VISIT_TYPE",
]  # fmt: skip
VisitType = Literal["ASYNC_TEXT_EMAIL", "SYNC_IN_PERSON", "SYNC_PHONE", "SYNC_VIDEO"]
FILE_TYPES = frozenset({"FILE", "WIDGET_USER_ID_DOCUMENT"})
# Nothing is answered, or a document is: that is never carried.
NOT_CARRIED = FILE_TYPES | {"STATEMENT"}

MAX_QUESTIONS = 500
MAX_OPTIONS = 500
MAX_FILES_PER_ANSWER = 20
# Longer ones are not taken apart.
MAX_CHOICES_CHARACTERS = 65_536
MAX_RANGE_CHARACTERS = 100

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


class Flags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Red flags of a question, for clinicians alone: a text for whatever answer is not a no, and texts for options."""

    any: str | None = None
    options: dict[str, str] = {}


class FormIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    title: Annotated[str, Meta(max_length=300)] | None = None
    description: Text | None = None
    questions: Annotated[list[QuestionIn], Meta(max_length=MAX_QUESTIONS)] | None = None


class QuestionOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    """A question as bundles show it (seed 003). `carry` is there, and true, where its answer holds from visit to visit."""

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
    carry: bool = False


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
        if is_blank(question.question):
            yield FieldProblem(f"{place}.question", "expected the text of the question, not blank")
        if question.required and question.type != "STATEMENT" and is_unanswered(question):
            yield FieldProblem(f"{place}.answer", "expected an answer: the question is required")
        if question.type not in FILE_TYPES and any(_is_file(item) for item in _items(question.answer)):
            yield FieldProblem(f"{place}.answer", "expected files only for questions of type FILE")
        if question.type in FILE_TYPES and len(_items(question.answer)) > MAX_FILES_PER_ANSWER:
            yield FieldProblem(f"{place}.answer", f"expected at most {MAX_FILES_PER_ANSWER} files")


def doubts(form: FormIn, path: str) -> Iterator[FieldProblem]:
    """Answers that are none to a question of that type: kept as warnings in `compat`, refused in `strict`."""
    for index, question in enumerate(form.questions or ()):
        if question.type in _FITS and not is_unanswered(question):
            fits, expected = _FITS[question.type]
            if not fits(question):
                yield FieldProblem(f"{path}.questions[{index}].answer", expected)


def is_unanswered(question: QuestionIn) -> bool:
    """Whether there is nothing in the answer: no text that can be read, no choice, no byte of a file."""
    if question.type == "MULTISELECT":
        return all(is_blank(choice) for choice in _choices(question.answer))
    return all(_is_nothing(item, is_file=question.type in FILE_TYPES) for item in _items(question.answer))


def _items(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def _is_nothing(item: Any, *, is_file: bool) -> bool:
    if isinstance(item, FileIn):
        return holds_nothing(item.data)
    if isinstance(item, str):
        return (is_blank(item) and not isinstance(item, EncodedFile)) or (is_file and holds_nothing(item))
    return item is None or item is UNSET


def _is_file(item: Any) -> bool:
    return isinstance(item, FileIn) or (isinstance(item, str) and is_encoded_file(item))


def _choices(answer: Any) -> list[str]:
    """What was chosen. Some storefronts send the list as the JSON of it."""
    if isinstance(answer, str) and answer.startswith("[") and len(answer) <= MAX_CHOICES_CHARACTERS:
        try:
            return msgspec.json.decode(answer, type=_Choices)
        except (msgspec.DecodeError, RecursionError):
            return [answer]
    return [answer_text(item) for item in _items(answer)]


# ---- what fits a question of each type; whatever was answered is something


def _is_text(question: QuestionIn) -> bool:
    return not isinstance(question.answer, list)


def _is_one_option(question: QuestionIn) -> bool:
    if isinstance(question.answer, list):
        return False
    return not question.options or answer_text(question.answer) in question.options


def _are_options(question: QuestionIn) -> bool:
    options, choices = frozenset(question.options or ()), _choices(question.answer)
    is_list = isinstance(question.answer, list) or choices != [question.answer]
    if not options or all(choice in options for choice in choices if not is_blank(choice)):
        return True
    # Several in one text, in whatever way they are divided, cannot be told apart from one.
    return not is_list and _DIVIDERS.search(choices[0]) is not None


def _is_yes_or_no(question: QuestionIn) -> bool:
    text = answer_text(question.answer)
    return text.strip().lower() in _YES_OR_NO or text in (question.options or ())


def _is_date(question: QuestionIn) -> bool:
    return isinstance(question.answer, str) and parse_day(question.answer) is not None


def _is_date_range(question: QuestionIn) -> bool:
    answer = question.answer
    if isinstance(answer, list):
        texts = [answer_text(text) for text in answer]
    else:
        found = _TWO_DAYS.fullmatch(answer_text(answer)[:MAX_RANGE_CHARACTERS])
        texts = list(found.groups()) if found else []
    days = [day for day in map(parse_day, texts) if day is not None]
    return len(texts) == len(days) == _DAYS_OF_A_RANGE and days[0] <= days[1]


def _is_given_as_file(question: QuestionIn) -> bool:
    """Who need not send a file may say why there is none. What is a data URL was read before."""
    return not question.required or all(
        isinstance(item, FileIn) or (isinstance(item, str) and (is_data_url(item) or may_be_bare_file(item)))
        for item in _items(question.answer)
        if not _is_nothing(item, is_file=True)
    )


def _is_measured(question: QuestionIn) -> bool:
    is_number = isinstance(question.answer, int | float) and not isinstance(question.answer, bool)
    return is_number or (isinstance(question.answer, str) and _DIGIT.search(question.answer) is not None)


def _is_state(question: QuestionIn) -> bool:
    text = answer_text(question.answer)
    return is_state(text.strip().upper()) or text in (question.options or ())


def _is_visit_type(question: QuestionIn) -> bool:
    return answer_text(question.answer) in get_args(VisitType)


def parse_day(text: str) -> date | None:
    """The day of a date, or of a moment such as browsers make of one; in digits only, also as it is written in the US."""
    text = text.strip()
    if _ONE_DAY.fullmatch(text) is None:
        return None
    month, day, year = text.split("/") if "/" in text else (text[5:7], text[8:10], text[:4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


_Choices = Annotated[list[str], Meta(max_length=MAX_OPTIONS)]
_YES_OR_NO = frozenset({"true", "false", "yes", "no", "y", "n", "1", "0"})
_DIVIDERS = re.compile(r"[,;|/\n]")
_DIGIT = re.compile(r"\d")
_DAY = r"(?:\d{4}-\d{2}-\d{2}(?:[T ][\d:.]{5,20}(?:Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}/\d{1,2}/\d{4})"
_ONE_DAY = re.compile(_DAY, re.ASCII)
_TWO_DAYS = re.compile(rf"\s*({_DAY})\s*(?:/|,|;|-|\u2013|\u2014|to|\s)\s*({_DAY})\s*", re.ASCII)
_DAYS_OF_A_RANGE = 2
# How an answer is judged, and what is expected of it.
_FITS: dict[str, tuple[Callable[[QuestionIn], bool], str]] = {
    "TEXT": (_is_text, "expected a text"),
    "SINGLESELECT": (_is_one_option, "expected one of the question's options"),
    "MULTISELECT": (_are_options, "expected choices among the question's options"),
    "BOOLEAN": (_is_yes_or_no, "expected true or false"),
    "DATE": (_is_date, "expected a calendar date as YYYY-MM-DD or MM/DD/YYYY"),
    "DATERANGE": (_is_date_range, "expected two calendar dates as YYYY-MM-DD or MM/DD/YYYY, the first one first"),
    "FILE": (_is_given_as_file, "expected a file"),
    "WIDGET_USER_ID_DOCUMENT": (_is_given_as_file, "expected a file"),
    "WIDGET_BMI": (_is_measured, "expected a number"),
    "WIDGET_STATE_PICKER": (_is_state, "expected a US state code such as CA"),
    "WIDGET_VISIT_TYPE": (_is_visit_type, f"expected one of {', '.join(get_args(VisitType))}"),
}


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
