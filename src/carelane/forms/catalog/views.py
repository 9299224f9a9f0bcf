"""Forms between their rows and the wire, and two versions of one held against each other. No I/O."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.forms.catalog.queries import CatalogForm
from carelane.forms.catalog.schemas import (
    AskedFormIn,
    AskedFormOut,
    AskedIfIn,
    AskedQuestionIn,
    ComparedVersionsOut,
    PartChangedOut,
    QuestionChangeOut,
    ReadWithIn,
)
from carelane.forms.catalog.states import find_odd, responses_of
from carelane.forms.queries import Question
from carelane.forms.schemas import Flags
from carelane.kit.languages import N_, _
from carelane.web.versions import version_of

# Where a question stood, where it stands, and whether it passed others on its way.
Pair = tuple[int | None, int | None, bool]
_LEFT_OUT = ("flag", "option_flags", "carry")
PARTS = {
    "text": N_("Text"),
    "type": N_("Type"),
    "required": N_("Required"),
    "isPHI": N_("Health information"),
    "options": N_("Options"),
    "hint": N_("Hint"),
    "placeholder": N_("Example in the field"),
    "renderMode": N_("Way it is shown"),
    "document": N_("Document to read"),
    "condition": N_("Asked if"),
    "flag": N_("Red flag"),
    "carry": N_("Carried"),
}


def row_of(form_id: UUID, body: AskedFormIn) -> CatalogForm:
    return CatalogForm(
        id=form_id,
        name=body.name,
        description=body.description,
        is_active=body.is_active,
        show_steps_individually=body.show_steps_individually,
        questions=[_question(question) for question in body.questions],
    )


def _question(asked: AskedQuestionIn) -> Question:
    """As `apply` makes one of an entry of the file: the same question is the same version."""
    rest = {name: value for name, value in msgspec.structs.asdict(asked).items() if name not in _LEFT_OUT}
    plain = {
        "condition": msgspec.to_builtins(asked.condition),
        "organization_document": msgspec.to_builtins(asked.organization_document),
    }
    has_flags = asked.flag is not None or asked.option_flags
    flags = Flags(any=asked.flag, options=dict(asked.option_flags)) if has_flags else UNSET
    return Question(**(rest | plain), flags=flags, carry=asked.carry or UNSET)


def asked_of(question: Question) -> AskedQuestionIn:
    rest = {name: value for name, value in msgspec.structs.asdict(question).items() if name not in {"flags", "carry"}}
    flags = question.flags or Flags()
    plain = {
        "condition": question.condition and msgspec.convert(question.condition, AskedIfIn),
        "organization_document": question.organization_document
        and msgspec.convert(question.organization_document, ReadWithIn),
    }
    return AskedQuestionIn(**(rest | plain), flag=flags.any, option_flags=flags.options, carry=bool(question.carry))


def show_form(form: CatalogForm, number: int) -> AskedFormOut:
    questions = [asked_of(question) for question in form.questions]
    return AskedFormOut(
        id=form.id,
        name=form.name,
        description=form.description,
        is_active=form.is_active,
        show_steps_individually=form.show_steps_individually,
        number=number,
        questions=questions,
        findings=[finding.show() for finding in find_odd(questions)],
        version=version_of(form),
    )


def compare(before: tuple[int, list[AskedQuestionIn]], now: tuple[int, list[AskedQuestionIn]]) -> ComparedVersionsOut:
    """Each a version's number and its questions. In the order of the newer one; what is gone stands where it was."""
    changes = [_change(pair, before[1], now[1]) for pair in _pairs(before[1], now[1])]
    return ComparedVersionsOut(
        before=before[0], now=now[0], changes=[change for change in changes if change is not None]
    )


def _pairs(before: Sequence[AskedQuestionIn], now: Sequence[AskedQuestionIn]) -> Iterator[Pair]:
    """Which question became which: by their texts, and what was rewritten by its place."""
    old, new = [one.text for one in before], [one.text for one in now]
    moved = {new.index(text): place for place, text in enumerate(old) if text in new}
    taken: set[int] = set()
    for kind, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from ((i + step, j + step, False) for step in range(i_end - i))
            continue
        gone = [place for place in range(i, i_end) if old[place] not in new]
        for place in range(j, j_end):
            if place in moved and moved[place] not in taken:
                taken.add(moved[place])
                yield moved[place], place, True
            else:
                yield (gone.pop(0) if gone else None), place, False
        yield from ((place, None, False) for place in gone)


def _change(pair: Pair, before: Sequence[AskedQuestionIn], now: Sequence[AskedQuestionIn]) -> QuestionChangeOut | None:
    is_moved = pair[2]
    was = None if pair[0] is None else _parts(before[pair[0]], before)
    is_now = None if pair[1] is None else _parts(now[pair[1]], now)
    parts = [
        PartChangedOut(what=_(PARTS[name]), before=was[name], now=is_now[name])
        for name in PARTS
        if was is not None and is_now is not None and was[name] != is_now[name]
    ]
    text = (is_now or was or {})["text"]
    if was is None or is_now is None:
        return QuestionChangeOut(
            kind="ADDED" if was is None else "REMOVED", text=text, before=pair[0], now=pair[1], parts=[]
        )
    if parts or is_moved:
        return QuestionChangeOut(
            kind="CHANGED" if parts else "MOVED", text=text, before=pair[0], now=pair[1], parts=parts
        )
    return None


def _parts(question: AskedQuestionIn, of: Sequence[AskedQuestionIn]) -> dict[str, str]:
    flags = [f"{option}: {text}" for option, text in question.option_flags.items()]
    return {
        "text": question.text,
        "type": question.type,
        "required": _("yes") if question.required else _("no"),
        "isPHI": _("yes") if question.is_phi else _("no"),
        "options": ", ".join(question.options),
        "hint": question.hint or "",
        "placeholder": question.placeholder or "",
        "renderMode": question.render_mode or "",
        "document": question.organization_document.file_name if question.organization_document else "",
        "condition": say_condition(question, of),
        "flag": ", ".join([*([question.flag] if question.flag else []), *flags]),
        "carry": _("yes") if question.carry else _("no"),
    }


def say_condition(question: AskedQuestionIn, of: Sequence[AskedQuestionIn]) -> str:
    """By the text of what it asks for: numbers move when a question comes before it."""
    if question.condition is None:
        return ""
    index = question.condition.question_index
    asked = of[index].text if index < len(of) else _("question %(number)d") % {"number": index + 1}
    return _("“%(question)s” is %(responses)s") % {
        "question": asked,
        "responses": _(" or ").join(responses_of(question.condition)),
    }
