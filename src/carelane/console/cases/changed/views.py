"""What a form that came too late is answered with. No I/O."""

from collections.abc import Iterator

import msgspec

from carelane.case_detail.chart.reads import CasePage
from carelane.cases.errors import (
    ActRefusedError,
    AlreadyDecidedError,
    CaseChangedError,
    CaseClosedError,
    CaseHeldError,
    NothingToUndoError,
)
from carelane.cases.review.queries import CaseSummary, HeldDecision
from carelane.console.cases.timeline.views import Line, lines
from carelane.console.forms import Filled
from carelane.console.times import words
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi

# The number of the newest event that was on the page.
SEEN_FIELD = "seen"
_OF_CASES = (ActRefusedError, AlreadyDecidedError, CaseChangedError, CaseClosedError, CaseHeldError)
_OUTCOMES = {"APPROVED": N_("Approve"), "REJECTED": N_("Reject"), "NO_DECISION": N_("Not yet")}
_ORDER = ("medicine", "dosage", "dosingFrequency", "quantity", "refillCount", "treatmentPeriod", "pharmacyInstructions")


class Unsent(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Something that was typed into a form that is not there any more."""

    label: str
    text: str


def told(form: Filled, page: CasePage, actor: Actor) -> Filled:
    """The form with the reason in words, from how the case stands now."""
    said = _reason(form, page.summary, actor)
    return msgspec.structs.replace(form, general=[said]) if said else form


def _reason(form: Filled, case: CaseSummary, actor: Actor) -> str | None:
    if isinstance(form.error, NothingToUndoError):
        return _("There is nothing to undo any more: no decision waits to be taken.")
    if not isinstance(form.error, _OF_CASES):
        return None
    if case.is_archived:
        return _("The case was archived. Nothing can be done with it until it is opened again.")
    told = _by_whom(case, actor) if case.held is None else _held(case.held, actor)
    if told is None and isinstance(form.error, CaseChangedError):
        return _("Something was added to the case since you opened it. Look at it below; what you typed is kept.")
    return told


def _held(held: HeldDecision, actor: Actor) -> str:
    time = words(held.due_at)
    if held.by.id == actor.id:
        return _("You have decided on the case already, and can undo that until %(time)s.") % {"time": time}
    told = _("%(who)s has decided on the case, and alone can undo that, until %(time)s.")
    return told % {"who": held.by.name, "time": time}


def _by_whom(case: CaseSummary, actor: Actor) -> str | None:
    others = {
        _("%(who)s has decided on the case."): case.closed_by,
        _("%(who)s has the case in hand, and alone can decide on it."): case.in_progress_by,
        _("The case is assigned to %(who)s."): case.assigned_to,
    }
    for text, who in others.items():
        if who is not None:
            return None if who.id == actor.id else text % {"who": who.name}
    return None


def since(form: Filled | None, page: CasePage, actor: Actor) -> list[Line]:
    """What happened since the page of the form was opened."""
    text = form.get(SEEN_FIELD) if form is not None and form.status == 409 else ""
    seen = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return lines([event for event in page.timeline if seen and event.number > seen], actor)


def unsent(form: Filled, page: CasePage) -> list[Unsent]:
    """What was typed into the form of a decision, as text."""
    names = {str(request.product_id): request.name for request in page.summary.requests}
    found = [one for index in range(len(names)) for one in _of_product(form, f"decisions[{index}]", names)]
    if text := form.get("decisionText").strip():
        found.append(Unsent(label=_("Text to %(name)s") % {"name": page.case.submitter.first_name}, text=text))
    return found


def _of_product(form: Filled, place: str, names: dict[str, str]) -> Iterator[Unsent]:
    label = names.get(form.get(f"{place}.productId"), _("A product"))
    if outcome := _OUTCOMES.get(form.get(f"{place}.outcome")):
        yield Unsent(label=label, text=_(outcome))
    medicines = sorted({name.rpartition(".")[0] for name in form.fields if name.startswith(f"{place}.medInfo[")})
    for medicine in medicines:
        if text := ", ".join(part for name in _ORDER if (part := form.get(f"{medicine}.{name}").strip())):
            yield Unsent(label=label, text=text)
    if text := form.get(f"{place}.decisionText").strip():
        yield Unsent(label=label, text=text)
