"""Which forms a page can change: those that it can send, and gives back as they stand."""

from collections.abc import Sequence
from typing import Any

import msgspec

from carelane.console.catalog.forms.views import MOST_QUESTIONS, Draft, draft_of
from carelane.console.forms import MAX_FIELDS
from carelane.forms.catalog.schemas import AskedFormOut, AskedQuestionIn
from carelane.kit.errors import ConflictError
from carelane.kit.languages import _

# Sent with a form, beside its questions; and of each question, beside its red flags.
_OF_FORM = 20
_OF_QUESTION = 14


def flags_of(drafts: Sequence[Draft]) -> list[list[tuple[str, str]]]:
    """The red flags that the page shows of each question: of all its options, or only those there are when it would be too long."""
    flags = [draft.flagged() for draft in drafts]
    return flags if _fits(flags) else [[one for one in of_question if one[1]] for of_question in flags]


def is_short(drafts: Sequence[Draft]) -> bool:
    """Whether a page can send them. Otherwise all that was typed would be lost."""
    return len(drafts) <= MOST_QUESTIONS and _fits(flags_of(drafts))


def hides_flags(drafts: Sequence[Draft]) -> bool:
    return not _fits([draft.flagged() for draft in drafts])


def _fits(flags: list[list[tuple[str, str]]]) -> bool:
    return _OF_FORM + sum(_OF_QUESTION + 2 * len(of_question) for of_question in flags) <= MAX_FIELDS


def obstacle(form: AskedFormOut | None) -> str | None:
    """Why a page cannot change the form; None when it can."""
    questions = form.questions if form else []
    if not is_short([draft_of(question) for question in questions]):
        return _("This form has more questions than a page can send. Change it by the organization file.")
    odd = next((place for place, question in enumerate(questions) if not _is_kept(question)), None)
    if odd is not None:
        said = _("Saving would rewrite question %(number)d, with spaces or lines that a page cannot keep.")
        return " ".join((said % {"number": odd + 1}, _("Change this form by the organization file.")))
    return None


def _is_kept(question: AskedQuestionIn) -> bool:
    """Whether it comes back from the page as it stands."""
    draft = draft_of(question)
    # Fields of one line lose what separates lines; the others have it as browsers write it.
    lines = [draft.placeholder, draft.flag, *draft.option_flags, *draft.option_flags.values()]
    plain: dict[str, Any] = msgspec.to_builtins(question)
    empty: dict[str, Any] = {name: plain[name] or None for name in ("hint", "placeholder", "renderMode")}
    is_plain = "\r" not in f"{draft.text}{draft.hint}" and not any(mark in text for text in lines for mark in "\r\n")
    return is_plain and draft.body() == plain | empty


def require_editable(form: AskedFormOut) -> None:
    """What a page cannot hold, or would rewrite, is not changed by it. Raises ConflictError."""
    why = obstacle(form)
    if why is not None:
        raise ConflictError(why)
