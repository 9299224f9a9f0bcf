"""Sections of questions and answers. What changed and what is flagged is never folded away."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from carelane.case_detail.chart.schemas import ChartOut
from carelane.case_detail.chart.views import words_of
from carelane.case_detail.schemas import AnswerRecord, CaseDetailRecord, ResponseRecord
from carelane.kit.languages import _
from carelane.kit.phi import Phi

# Once so many answers are in sight, sections in which nothing stands out are folded.
MANY = 40
# A statement that is longer is read by the patient, and is no heading.
MAX_HEADING_CHARACTERS = 90
# Of the answers on the page; what is more is a click away.
MOST_CHARACTERS = 30_000


class Answer(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    question: str
    text: str
    is_changed: bool
    is_flagged: bool


class Section(Phi, msgspec.Struct, frozen=True, kw_only=True):
    name: str
    answers: list[Answer]
    is_folded: bool = False


class Intake(Phi, msgspec.Struct, frozen=True, kw_only=True):
    sections: list[Section]
    count: int
    # How many answers are not on the page.
    left_out: int


def intake(case: CaseDetailRecord, chart: ChartOut, *, is_whole: bool) -> Intake:
    marks = {change.answer_id for change in chart.changes}, {flag.answer_id for flag in chart.flags}
    found = [section for response in case.responses if not response.is_draft for section in _sections(response, *marks)]
    count = sum(len(section.answers) for section in found)
    shown = found if is_whole else list(_as_many_as_fit(found))
    return Intake(
        sections=list(_folded(shown)), count=count, left_out=count - sum(len(section.answers) for section in shown)
    )


def _sections(response: ResponseRecord, changed: set[UUID], flagged: set[UUID]) -> Iterator[Section]:
    name, answers = response.form.name, list[Answer]()
    for answer in response.responses:
        if answer.is_archived:
            continue
        if answer.question.type == "STATEMENT":
            if len(answer.question.text) <= MAX_HEADING_CHARACTERS:
                if answers:
                    yield Section(name=name, answers=answers)
                name, answers = answer.question.text, []
            continue
        answers.append(_answer(answer, changed, flagged))
    if answers:
        yield Section(name=name, answers=answers)


def _answer(answer: AnswerRecord, changed: set[UUID], flagged: set[UUID]) -> Answer:
    assert isinstance(answer.text, str)
    return Answer(
        id=answer.id,
        question=answer.question.text,
        text=words_of(answer.text, answer.question.type) or _("no answer"),
        is_changed=answer.id in changed,
        is_flagged=answer.id in flagged,
    )


def _as_many_as_fit(sections: list[Section]) -> Iterator[Section]:
    """From the beginning; and whatever stands out, wherever it is."""
    left = MOST_CHARACTERS
    for section in sections:
        kept = []
        for answer in section.answers:
            left -= len(answer.question) + len(answer.text) + 100
            if left > 0 or answer.is_changed or answer.is_flagged:
                kept.append(answer)
        if kept:
            yield msgspec.structs.replace(section, answers=kept)


def _folded(sections: list[Section]) -> Iterator[Section]:
    seen = 0
    for section in sections:
        stands_out = any(answer.is_changed or answer.is_flagged for answer in section.answers)
        yield msgspec.structs.replace(section, is_folded=seen >= MANY and not stands_out)
        seen += len(section.answers)
