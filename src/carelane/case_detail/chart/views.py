"""From a case and what is beside it to flags and changes. No I/O.

Questions are the same when they ask the same in words: forms and versions of forms come and go. What cannot be read as a no counts
as an answer: a flag that stands for nothing costs a glance, one that is missing may cost more.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import msgspec

from carelane.case_detail.chart.schemas import (
    Beside,
    ChangeOut,
    ChartOut,
    FlaggedAnswers,
    FlaggedQuestion,
    FlagOut,
    HealthOut,
    PreviousCaseOut,
    Told,
)
from carelane.case_detail.schemas import AnswerRecord, CaseDetailRecord, SealedText
from carelane.forms.queries import ANSWER
from carelane.forms.schemas import FILE_TYPES, Flags
from carelane.kit.damage import shown
from carelane.kit.formatting import number_text
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import shown_chart

_NO = frozenset(
    {"", "no", "n", "false", "none", "never", "no.", "none.", "n/a", "na", "not applicable", "nope", "nothing", "0"}
)
_YES = frozenset({"true", "yes", "y"})
_NUMBER = re.compile(r"(-?\d{1,9}(?:\.\d{1,4})?)\s*([^\d\s].{0,20})?", re.ASCII)
_MINUS = "\N{MINUS SIGN}"
_ALLERGIES = re.compile(r"\ballerg", re.IGNORECASE)
_WEIGHT = re.compile(r"\bweigh(t|ing)?\b", re.IGNORECASE)
_WISHED = re.compile(
    r"\b(goal|target|ideal|desired|want|wish|like to|lose|lost|gain|gained|highest|lowest|birth|before)\b",
    re.IGNORECASE,
)
_MEDICINES = re.compile(r"\b(medications?|medicines?|prescriptions?|supplements?)\b", re.IGNORECASE)


def show_chart(case: CaseDetailRecord, beside: Beside, key: DataKey) -> ChartOut:
    """`case` is opened already."""
    answers = list(answers_of(case))
    changes, same_count = _changes(answers, beside, key)
    told = [
        Told(id=answer.id, question=answer.question.text, type=answer.question.type, text=_text(answer))
        for answer in answers
    ]
    previous = beside.previous
    return ChartOut(
        flags=list(_flags(told, beside.flagged)),
        previous_case=None
        if previous is None
        else PreviousCaseOut(id=previous.id, short_id=previous.short_id, created_at=previous.created_at),
        changes=changes,
        same_count=same_count,
        health=_health(answers, beside, key),
    )


def answers_of(case: CaseDetailRecord) -> Iterator[AnswerRecord]:
    """What was asked and answered, in order."""
    for response in case.responses:
        if not response.is_draft:
            yield from (
                answer
                for answer in response.responses
                if answer.question.type != "STATEMENT" and not answer.is_archived
            )


def words_of(text: str, type_: str) -> str:
    """An answer as people say it: lists with commas, yes and no."""
    if type_ == "BOOLEAN" and text.strip().lower() in {"true", "false"}:
        return "Yes" if text.strip().lower() == "true" else "No"
    return ", ".join(_chosen(text)) if text.startswith("[") else text


def _chosen(text: str) -> list[str]:
    if text.startswith("["):
        try:
            return msgspec.json.decode(text, type=list[str])
        except (msgspec.MsgspecError, RecursionError):
            return [text]
    return [text]


# ---- flags


def count_by_case(found: FlaggedAnswers, key: DataKey) -> dict[UUID, int]:
    """How many the page of each case shows; a case that has none is not in it."""
    of_cases: dict[UUID, list[Told]] = {}
    for answer in found.answers:
        opened = msgspec.structs.replace(answer, text=_plain(answer.text, answer.id, key))
        of_cases.setdefault(answer.case_id, []).append(opened)
    counts = {case_id: len(list(_flags(answers, found.questions))) for case_id, answers in of_cases.items()}
    return {case_id: count for case_id, count in counts.items() if count}


def _flags(answers: list[Told], questions: list[FlaggedQuestion]) -> Iterator[FlagOut]:
    """The answers are opened."""
    flagged: dict[str, list[Flags]] = {}
    for question in questions:
        flagged.setdefault(_same(question.text), []).append(question.flags)
    seen: set[tuple[str, str]] = set()
    for answer in answers:
        for flags in flagged.get(_same(answer.question), ()):
            for flag in _raised(answer, flags):
                # Two forms that ask the same say it once.
                if (flag.question, flag.text) not in seen:
                    seen.add((flag.question, flag.text))
                    yield flag


def _raised(answer: Told, flags: Flags) -> Iterator[FlagOut]:
    assert isinstance(answer.text, str)
    text = answer.text
    chosen = {_option(choice) for choice in _chosen(text)}
    shown = {"question": answer.question, "answer": words_of(text, answer.type), "answer_id": answer.id}
    for option, said in flags.options.items():
        if _option(option) in chosen:
            yield FlagOut(kind="OPTION", text=said, **shown)  # type: ignore[arg-type]
    if flags.any is not None and not chosen <= _NO:
        yield FlagOut(kind="QUESTION", text=flags.any, **shown)  # type: ignore[arg-type]


def _option(text: str) -> str:
    """Storefronts send a yes in several ways."""
    plain = _same(text)
    return "yes" if plain in _YES else "no" if plain in {"no", "n", "false"} else plain


# ---- what changed


def _changes(answers: list[AnswerRecord], beside: Beside, key: DataKey) -> tuple[list[ChangeOut], int]:
    """The changes, and how many answers are the same."""
    if beside.previous is None:
        return [], 0
    before: dict[str, str] = {}
    for old in beside.previous.answers:
        before.setdefault(_same(old.question), _plain(old.text, old.id, key))
    changes: list[ChangeOut] = []
    compared: set[str] = set()
    for answer in answers:
        question = _same(answer.question.text)
        # A picture is another one each time.
        if question not in before or question in compared or answer.question.type in FILE_TYPES:
            continue
        compared.add(question)
        if _meaning(before[question]) != _meaning(_text(answer)):
            changes.append(_change(answer, before[question]))
    return changes, len(compared) - len(changes)


def _change(answer: AnswerRecord, before: str) -> ChangeOut:
    kind = answer.question.type
    was, now = words_of(before, kind), words_of(_text(answer), kind)
    return ChangeOut(
        question=answer.question.text, before=was, now=now, difference=_difference(was, now), answer_id=answer.id
    )


def _meaning(text: str) -> tuple[str, ...]:
    """The order of what was chosen, and how a yes is spelled, means nothing."""
    return tuple(sorted(_option(choice) for choice in _chosen(text)))


def _difference(before: str, now: str) -> str | None:
    """Of two numbers in the same unit, with its sign."""
    was, found = _NUMBER.fullmatch(before.strip()), _NUMBER.fullmatch(now.strip())
    if was is None or found is None or _same(was[2] or "") != _same(found[2] or ""):
        return None
    difference = Decimal(found[1]) - Decimal(was[1])
    return ("+" if difference > 0 else _MINUS) + number_text(abs(difference)) if difference else None


# ---- allergies and medicines


def _health(answers: list[AnswerRecord], beside: Beside, key: DataKey) -> HealthOut:
    sealed = bytes.fromhex(beside.chart) if beside.chart is not None else None
    chart = shown_chart(key, beside.patient_id, sealed)
    return HealthOut(
        allergies=_joined(chart.allergies),
        allergies_answered=_answered(answers, _ALLERGIES),
        medications=_joined(chart.medications),
        medications_answered=_answered(answers, _MEDICINES, unless=_ALLERGIES),
        conditions=_joined(chart.medical_history),
        weight_answered=_weight(answers),
    )


def _answered(answers: list[AnswerRecord], about: re.Pattern[str], unless: re.Pattern[str] | None = None) -> str | None:
    """What was answered to the questions that speak of it, as it was said."""
    said = [
        words_of(_text(answer), answer.question.type)
        for answer in answers
        if answer.question.type not in FILE_TYPES
        and about.search(answer.question.text)
        and not (unless and unless.search(answer.question.text))
    ]
    return _joined(list(dict.fromkeys(text for text in said if text.strip())))


def _weight(answers: list[AnswerRecord]) -> str | None:
    for answer in answers:
        question = answer.question.text
        if _WEIGHT.search(question) and not _WISHED.search(question) and _NUMBER.fullmatch(_text(answer).strip()):
            return _text(answer).strip()
    return None


def _joined(entries: list[str] | None) -> str | None:
    return "; ".join(entries) if entries else None


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()


def _plain(text: str | SealedText | None, answer_id: UUID, key: DataKey) -> str:
    """It was sealed, or not, or not given."""
    return shown(key, bytes.fromhex(text.sealed), ANSWER, answer_id) if isinstance(text, SealedText) else text or ""


def _text(answer: AnswerRecord) -> str:
    """It is opened."""
    assert isinstance(answer.text, str)
    return answer.text
