"""Forms as the editor shows them: the way between questions and the fields of one page, and moving questions about."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from carelane.console.catalog.views import Row, state_of
from carelane.console.forms import Filled, lines_of
from carelane.console.times import words
from carelane.forms.catalog.schemas import AskedFormOut, AskedIfIn, AskedQuestionIn, ListedFormOut, ReadWithIn
from carelane.forms.catalog.states import Finding, find_odd, responses_of
from carelane.forms.catalog.views import compare
from carelane.kit.languages import N_, _

MOST_QUESTIONS = 150
# The number of a question that a condition asked for and that was taken out.
GONE = 9_999
TYPES = {
    "TEXT": N_("Text"),
    "SINGLESELECT": N_("One of several"),
    "MULTISELECT": N_("Some of several"),
    "BOOLEAN": N_("Yes or no"),
    "DATE": N_("Date"),
    "DATERANGE": N_("From one date to another"),
    "FILE": N_("File"),
    "STATEMENT": N_("Statement, asks nothing"),
    "WIDGET_BMI": N_("Height and weight"),
    "WIDGET_STATE_PICKER": N_("State"),
    "WIDGET_USER_ID_DOCUMENT": N_("Picture of an ID"),
    "WIDGET_VISIT_TYPE": N_("Kind of visit"),
}
NAMES = {
    "name": N_("Name"),
    "description": N_("Description"),
    "isActive": N_("It is asked"),
    "showStepsIndividually": N_("One question at a time"),
}
_FIELD = re.compile(r"questions\[(\d{1,3})\]\.([\w.]{1,40})(?:\[(\d{1,3})\]\.(option|text))?", re.ASCII)
_ACT = re.compile(r"(up|down|remove|add|to)-(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)


class Draft(msgspec.Struct, kw_only=True):
    """A question as it stands in the page. Lists are texts with a line each; `asked_index` is empty when it is always asked."""

    text: str = ""
    type: str = "TEXT"
    required: bool = False
    is_phi: bool = False
    options: str = ""
    hint: str = ""
    placeholder: str = ""
    render_mode: str = ""
    asked_index: str = ""
    asked_response: str = ""
    # One response, in a list of its own.
    asked_in_list: bool = False
    document: str = ""
    flag: str = ""
    option_flags: dict[str, str] = {}
    carry: bool = False

    def flagged(self) -> list[tuple[str, str]]:
        """Each option, and those that have a red flag though they are none; with the flag's text."""
        options = lines_of(self.options) or (["true", "false"] if self.type == "BOOLEAN" else [])
        known = list(dict.fromkeys([*options, *(name for name in self.option_flags if name)]))
        return [(option, self.option_flags.get(option, "")) for option in known]

    def asked(self) -> AskedQuestionIn:
        """To be looked at; what is not filled in yet is not refused."""
        is_number = self.asked_index.isascii() and self.asked_index.isdigit()
        index = int(self.asked_index) if is_number else None
        condition = None if index is None else AskedIfIn(question_index=index, response=lines_of(self.asked_response))
        flags = {option: text for option, text in self.option_flags.items() if text.strip()}
        kind: Any = self.type
        return AskedQuestionIn(
            text=self.text,
            type=kind,
            required=self.required,
            is_phi=self.is_phi,
            options=lines_of(self.options),
            hint=self.hint or None,
            placeholder=self.placeholder or None,
            condition=condition,
            render_mode=self.render_mode or None,
            organization_document=self._read_with(),
            flag=self.flag.strip() or None,
            option_flags=flags,
            carry=self.carry,
        )

    def _read_with(self) -> ReadWithIn | None:
        try:
            return msgspec.json.decode(self.document, type=ReadWithIn) if self.document else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        plain: dict[str, Any] = msgspec.to_builtins(self.asked())
        if plain["condition"] and len(plain["condition"]["response"]) == 1 and not self.asked_in_list:
            plain["condition"]["response"] = plain["condition"]["response"][0]
        if self.asked_index and not plain["condition"]:
            # It is no number: refused as one, and not asked always.
            plain["condition"] = {"questionIndex": self.asked_index, "response": self.asked_response}
        if self.document:
            try:
                plain["organizationDocument"] = msgspec.json.decode(self.document)
            except msgspec.DecodeError:
                plain["organizationDocument"] = self.document
        return plain | {"renderMode": self.render_mode or None}


def draft_of(question: AskedQuestionIn) -> Draft:
    condition, document = question.condition, question.organization_document
    return Draft(
        text=question.text,
        type=question.type,
        required=question.required,
        is_phi=question.is_phi,
        options="\n".join(question.options),
        hint=question.hint or "",
        placeholder=question.placeholder or "",
        render_mode=question.render_mode or "",
        asked_index="" if condition is None else str(condition.question_index),
        asked_response="" if condition is None else "\n".join(responses_of(condition)),
        asked_in_list=condition is not None and not isinstance(condition.response, str),
        document="" if document is None else msgspec.json.encode(document).decode(),
        flag=question.flag or "",
        option_flags=dict(question.option_flags),
        carry=question.carry,
    )


def drafts_of(form: Filled) -> list[Draft]:
    """The questions of a form that was sent, in their order."""
    found: dict[int, dict[str, str]] = {}
    for name in form.fields:
        match = _FIELD.fullmatch(name)
        if match:
            found.setdefault(int(match[1]), {})[name.partition("].")[2]] = form.get(name)
    return [_draft(found[index]) for index in sorted(found)][:MOST_QUESTIONS]


def _draft(fields: dict[str, str]) -> Draft:
    flags = {
        fields[name]: fields.get(name.removesuffix("option") + "text", "")
        for name in fields
        if name.startswith("optionFlags[") and name.endswith("].option")
    }
    return Draft(
        text=fields.get("text", ""),
        type=fields["type"] if fields.get("type") in TYPES else "TEXT",
        required=fields.get("required") == "true",
        is_phi=fields.get("isPHI") == "true",
        options=fields.get("options", ""),
        hint=fields.get("hint", ""),
        placeholder=fields.get("placeholder", ""),
        render_mode=fields.get("renderMode", ""),
        asked_index=fields.get("condition.questionIndex", "")[:4],
        asked_response=fields.get("condition.response", ""),
        asked_in_list=fields.get("condition.isList") == "true",
        document=fields.get("organizationDocument", ""),
        flag=fields.get("flag", ""),
        option_flags={option: text for option, text in flags.items() if text.strip()},
        carry=fields.get("carry") == "true",
    )


def moved(drafts: Sequence[Draft], act: str) -> tuple[list[Draft], int | None]:
    """After one button was pressed: the questions as they stand then, and which of them to look at."""
    match = _ACT.fullmatch(act)
    verb, at = (match[1], int(match[2])) if match else ("add" if act == "add" else "", len(drafts) - 1)
    order: list[int | None] = list(range(len(drafts)))
    focus: int | None = None
    if verb == "add" and len(drafts) < MOST_QUESTIONS:
        focus = min(at + 1, len(drafts))
        order.insert(focus, None)
    elif verb == "remove" and at < len(drafts):
        del order[at]
        focus = min(at, len(order) - 1) if order else None
    elif verb in {"up", "down", "to"} and at < len(drafts):
        wanted = int(match[3]) if match and match[3] else at + (1 if verb == "down" else -1)
        focus = min(max(wanted, 0), len(drafts) - 1)
        order.insert(focus, order.pop(at))
    return _ordered(drafts, order), focus


def _ordered(drafts: Sequence[Draft], order: Sequence[int | None]) -> list[Draft]:
    """Conditions go on asking for the question that they asked for."""
    stands = {str(old): str(new) for new, old in enumerate(order) if old is not None}
    kept = [Draft() if old is None else drafts[old] for old in order]
    return [
        msgspec.structs.replace(one, asked_index=stands.get(one.asked_index, str(GONE)) if one.asked_index else "")
        for one in kept
    ]


def fields_of(form: AskedFormOut | None) -> dict[str, list[str]]:
    """What the editor begins with, beside the questions."""
    if form is None:
        return Filled.of(isActive=True).fields
    plain = {name: value for name, value in msgspec.to_builtins(form).items() if name not in {"questions", "findings"}}
    return Filled.of(**plain).fields


def filled(
    fields: dict[str, list[str]], drafts: Sequence[Draft], flags: list[list[tuple[str, str]]]
) -> dict[str, list[str]]:
    """With a field for each thing about each question."""
    shown = {name: texts for name, texts in fields.items() if not name.startswith("questions")}
    for index, draft in enumerate(drafts):
        named = {
            "text": draft.text, "type": draft.type, "options": draft.options, "hint": draft.hint, "placeholder": draft.placeholder,
            "condition.questionIndex": draft.asked_index, "condition.response": draft.asked_response, "flag": draft.flag,
            "required": "true" if draft.required else "", "isPHI": "true" if draft.is_phi else "",
            "carry": "true" if draft.carry else "",
        }  # fmt: skip
        shown |= {f"questions[{index}].{name}": [text] for name, text in named.items()}
        for place, (_option, text) in enumerate(flags[index]):
            shown[f"questions[{index}].optionFlags[{place}].text"] = [text]
    return shown


def changed_questions(found: AskedFormOut, drafts: Sequence[Draft]) -> list[tuple[str, str, str]]:
    """(what, as it stands now, as it was typed), question by question."""
    compared = compare((0, found.questions), (0, [draft.asked() for draft in drafts]))
    rows = []
    for one in compared.changes:
        if one.before != one.now:
            rows.append((_short(one.text), _place(one.before), _place(one.now)))
        rows += [
            (f"{_short(one.text)}: {part.what}", part.before or _("nothing"), part.now or _("nothing"))
            for part in one.parts
        ]
    return rows


def _place(index: int | None) -> str:
    return _("nothing") if index is None else _("question %(number)d") % {"number": index + 1}


def findings_of(drafts: Sequence[Draft]) -> dict[int, list[Finding]]:
    """What is odd, by the question."""
    found: dict[int, list[Finding]] = {}
    for finding in find_odd([draft.asked() for draft in drafts]):
        found.setdefault(finding.question, []).append(finding)
    return found


def earlier(drafts: Sequence[Draft], index: int) -> list[tuple[str, str]]:
    """What the condition of a question can ask for."""
    choices = [("", _("Always"))]
    for place, draft in enumerate(drafts[:index]):
        if draft.type != "STATEMENT":
            choices.append((str(place), f"{place + 1}. {_short(draft.text)}"))
    known = {value for value, _text in choices}
    asked = drafts[index].asked_index
    return choices if asked in known else [*choices, (asked, _("A question that is not before this one"))]


def types() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in TYPES.items()]


def columns() -> list[tuple[str, str]]:
    return [(_("Questions"), "amount"), (_("Version"), "amount"), (_("Changed"), "")]


def row(form: ListedFormOut) -> Row:
    return Row(
        id=str(form.id),
        name=form.name,
        cells=[str(form.question_count), str(form.number), words(form.changed_at) if form.changed_at else ""],
        state=state_of(is_active=form.is_active, text=_("Asked") if form.is_active else _("Not asked")),
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
