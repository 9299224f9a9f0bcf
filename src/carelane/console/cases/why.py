"""Why a case stands where it stands, in words for those who look at it: one sentence, and what follows from it."""

from carelane.cases.review.queries import CaseSummary, Holder
from carelane.cases.review.why import CaseWhyOut, Reason
from carelane.console.times import words
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _

_ANSWERS: dict[Reason, str] = {
    "ARCHIVED": N_("It was archived (%(since)s) and stays closed until somebody opens it again."),
    "PATIENT_ASKED": N_("It waits for the patient, who was asked (%(since)s)."),
    "WORKER_ASSIGNS": N_("It just came in and is assigned within a minute."),
    "ASSIGNMENT_OFF": N_("It has waited since %(since)s for somebody to take it: here nobody is assigned by itself."),
    "ROTA_EMPTY": N_("It has waited since %(since)s for somebody to take it: nobody is on the schedule."),
    "NOBODY_HAS_IT": N_("It has waited since %(since)s for somebody to take it."),
    "NOT_STARTED": N_("It has waited since %(since)s for %(who)s to start."),
    "NOT_DECIDED": N_("It has waited since %(since)s for %(who)s to decide."),
    "DECISION_HELD": N_("It was decided (%(since)s), and %(who)s can undo that for a moment."),
    "HOLDER_GONE": N_("It has waited since %(since)s for somebody else: the account of %(who)s was closed."),
    "LEFT_UNDECIDED": N_("It was left without a decision (%(since)s) and waits for another look."),
    "NOT_ORDERED": N_("It was approved (%(since)s); no order was placed yet."),
    "NOT_PAID": N_("It was approved (%(since)s) and waits for its payment."),
    "AT_THE_PHARMACY": N_("It was approved (%(since)s) and is with the pharmacy."),
    "CART_LEFT": N_("The patient left the cart before the end (%(since)s)."),
    "DONE": N_("Nothing is waited for."),
}
_FOLLOWS: dict[Reason, str] = {
    "PATIENT_ASKED": N_("Once the patient answers, it is back in the queue."),
    "NOT_ORDERED": N_("The order goes to the pharmacy once it is placed, here or by the storefront."),
    "NOT_PAID": N_("The order leaves as soon as the case is paid."),
    "AT_THE_PHARMACY": N_("The pharmacy ships it, and the patient is told."),
    "DECISION_HELD": N_("Then the decision is taken: the card is charged, and what was approved can be ordered."),
    "NOT_STARTED": N_("Whoever has it starts it; anybody may be given it instead."),
    "NOT_DECIDED": N_("Only who has it in hand decides; giving it to somebody else takes it from them."),
}


def answer(case: CaseSummary, why: CaseWhyOut, actor: Actor) -> str:
    held = case.in_progress_by or case.assigned_to
    return _(_ANSWERS[why.code]) % {"since": words(why.since), "who": _name(held, actor)}


def reasons(case: CaseSummary, why: CaseWhyOut, actor: Actor) -> list[str]:
    told = [_(_FOLLOWS[why.code])] if why.code in _FOLLOWS else []
    if case.assigned_to is not None:
        told.append(_("It is assigned to %(who)s.") % {"who": _name(case.assigned_to, actor)})
    if why.hold_ends_at is not None:
        told.append(_("The money held for it can be taken until %(time)s.") % {"time": words(why.hold_ends_at)})
    if case.is_escalated:
        told.append(_("Somebody marked it for a second look."))
    if case.patient_state:
        told.append(
            _("The patient is in %(state)s: who approves needs a license there.") % {"state": case.patient_state}
        )
    if case.is_test:
        told.append(_("It is a test: no money moves and nothing is shipped."))
    return told or [_("Nothing else is known of it.")]


def _name(holder: Holder | None, actor: Actor) -> str:
    if holder is None:
        return _("a clinician")
    return _("you") if holder.id == actor.id else holder.name
