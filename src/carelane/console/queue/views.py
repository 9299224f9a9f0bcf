"""What the queue's page shows."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import msgspec

from carelane.cases.review.bulk.schemas import BulkOut
from carelane.cases.review.queue.choices.queries import Choices
from carelane.cases.review.queue.schemas import QueueCount, QueueEntryOut, ViewCounts
from carelane.cases.review.visibility.why import Hidden, HiddenBy
from carelane.cases.states import CaseStatus
from carelane.console import times
from carelane.console.wording import capped
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _, ngettext
from carelane.kit.phi import Phi
from carelane.permissions import CASES_DECIDE
from carelane.saved_views.schemas import PARAMETERS, ViewOut

PATH = "/console/queue"
Pairs = list[tuple[str, str]]

NOTES = {
    "taken": N_("The case is yours."),
    "done": N_("Done."),
    "saved": N_("The view is saved."),
    "removed": N_("The view is gone."),
    "nothing": N_("There is no case for you just now."),
}
STATUSES: dict[CaseStatus, tuple[str, str, str]] = {
    "OPEN": ("calm", "s-open", N_("Open")),
    "ASSIGNED": ("live", "s-assigned", N_("Assigned")),
    "IN_PROGRESS": ("live", "s-progress", N_("In progress")),
    "NO_DECISION": ("calm", "s-none", N_("No decision yet")),
    "APPROVED": ("good", "s-yes", N_("Approved")),
    "REJECTED": ("calm", "s-no", N_("Rejected")),
    "ABANDONED": ("calm", "s-none", N_("Left by the patient")),
}
_GENDERS = {"MALE": N_("male"), "FEMALE": N_("female"), "OTHER": N_("other")}
_ACTS = {
    "assign": N_("Assign to me"),
    "unassign": N_("Take from whoever has it"),
    "escalate": N_("Mark for a second look"),
    "deescalate": N_("Take that mark away"),
    "ask": N_("Ask the patient"),
}
_HIDDEN: dict[Hidden, str] = {
    "ARCHIVED": N_("It is archived."),
    "NOT_ARCHIVED": N_("It is not archived."),
    "STATUS": N_("Its state is not one that this list shows."),
    "PATIENT_ASKED": N_("It waits for the patient's answer."),
    "PATIENT_NOT_ASKED": N_("It does not wait for the patient."),
    "ESCALATED": N_("It is marked for a second look."),
    "NOT_ESCALATED": N_("It is not marked for a second look."),
    "ASSIGNED": N_("It is with %(name)s."),
    "UNASSIGNED": N_("Nobody has it."),
    "OTHER_PRODUCT": N_("It asks for another product."),
    "OTHER_STATE": N_("The patient lives in %(state)s, and the list shows %(wanted)s."),
    "NO_LICENSE": N_("The patient lives in %(state)s. You have licenses for %(licensed)s."),
    "NO_LICENSES": N_("You have no license that is good today. An administrator can add one."),
    "DECIDED": N_("%(name)s has decided, and can undo that until %(until)s."),
    "LEASED": N_("%(name)s looks after it until %(until)s."),
    "OTHER_ID": N_("Its short id does not begin with %(wanted)s."),
}


class Band(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Cases that run out at about the same time. `count` is of all pages."""

    name: str
    kind: str
    shape: str
    text: str
    count: int
    cases: list[QueueEntryOut]


def midnight() -> datetime:
    """The end of today, where the reader is."""
    there = times.local(clock.now())
    return datetime.combine(there.date() + timedelta(days=1), time(), there.tzinfo)


def bands(cases: list[QueueEntryOut], count: QueueCount) -> list[Band]:
    now = clock.now()
    hour = now + timedelta(hours=1)
    until = times.words(hour)
    names = [
        (_("Late"), "problem", "s-late", _("past what was promised"), count.late),
        (
            _("Within the hour"),
            "warn",
            "s-hour",
            _("promise or card hold ends before %(time)s") % {"time": until},
            count.hour,
        ),
        (_("Today"), "live", "s-today", _("before midnight"), count.today),
        (_("Later"), "calm", "s-later", _("tomorrow and after"), count.later),
    ]
    ends = (now, hour, midnight())
    sorted_in: list[list[QueueEntryOut]] = [[], [], [], []]
    for case in cases:
        sorted_in[next((i for i, end in enumerate(ends) if case.due_at and case.due_at <= end), 3)].append(case)
    return [
        Band(name=name, kind=kind, shape=shape, text=text, count=number, cases=found)
        for (name, kind, shape, text, number), found in zip(names, sorted_in, strict=True)
        if found
    ]


def person(case: QueueEntryOut) -> str:
    """`46 y · female · OR`"""
    born = case.patient.date_of_birth
    age = [times.age(date.fromisoformat(born))] if born else []
    gender = [_(_GENDERS[case.patient.gender])] if case.patient.gender in _GENDERS else []
    return " · ".join([*age, *gender, *([case.patient.state] if case.patient.state else [])])


def due(case: QueueEntryOut) -> str:
    """What runs out, and when; or since when the patient is asked."""
    if case.asked_patient_at is not None and case.due_at is None:
        return _("asked %(time)s") % {"time": times.words(case.asked_patient_at)}
    if case.due_at is None:
        return ""
    texts = {
        "HOLD": _("card hold, %(time)s"),
        "LICENSE": _("your license ends, %(time)s"),
        "DECISION": _("expires %(time)s"),
        "PROMISE": _("promised by %(time)s"),
    }
    return texts[case.due_reason or "PROMISE"] % {"time": times.words(case.due_at)}


def tabs(counts: ViewCounts, saved: list[ViewOut], pairs: Pairs, actor: Actor) -> list[tuple[str, str, str, bool]]:
    """Text, address, how many, and whether it is this one."""
    fits = [(_("Fits my license"), FITS, counts.fits)] if actor.may(CASES_DECIDE) else []
    all_ = [
        *fits,
        (_("Mine"), MINE, counts.mine),
        (_("Unassigned"), NOBODYS, counts.unassigned),
        (_("Waiting for patient"), ASKED, counts.asked),
        *((view.name, _pairs_of(view), view.count) for view in saved),
        (_("Everyone"), EVERYONE, counts.everyone),
    ]
    return [(text, address(query), capped(number), sorted(query) == sorted(pairs)) for text, query, number in all_]


FITS: Pairs = [("fitsMyLicense", "true"), ("awaitingPatient", "false")]
MINE: Pairs = [("assignedTo", "me")]
NOBODYS: Pairs = [("assignedTo", "none")]
ASKED: Pairs = [("awaitingPatient", "true")]
EVERYONE: Pairs = [("assignedTo", "anyone")]


def _pairs_of(view: ViewOut) -> Pairs:
    return [
        (name, text) for name, _is, text in (one.partition("=") for one in view.query.split("&")) if name in PARAMETERS
    ]


def address(pairs: Pairs, path: str = PATH, **more: object) -> str:
    query = urlencode([*pairs, *((name, text) for name, text in more.items() if text is not None)], safe="+%")
    return f"{path}?{query}" if query else path


def choices(found: Choices, actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Of the filters, and of the acts."""
    people = [(str(one.id), one.name) for one in found.clinicians if one.id != actor.id]
    return {
        "products": [("", _("Any product")), *((str(one.id), one.name) for one in found.products)],
        "statuses": [("", _("Not decided")), *((code, _(words[2])) for code, words in STATUSES.items())],
        "people": [("anyone", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *people],
        "acts": [
            *((code, _(text)) for code, text in _ACTS.items() if code != "assign" or actor.may(CASES_DECIDE)),
            *((f"assign:{staff_id}", _("Assign to %(name)s") % {"name": name}) for staff_id, name in people),
        ],
    }


def outcome(tried: BulkOut) -> dict[str, object]:
    """`17 can, 3 cannot, because …`"""
    can, cannot = len(tried.can), len(tried.cannot)
    return {
        "can": ngettext("%(num)d case can be done", "%(num)d cases can be done", can) % {"num": can},
        "cannot": ngettext("%(num)d cannot", "%(num)d cannot", cannot) % {"num": cannot} if cannot else None,
        "reasons": [(one.short_id or str(one.case_id), one.reason) for one in tried.cannot],
        "ids": [one.case_id for one in tried.can],
    }


def missing(ref: str) -> dict[str, object]:
    return {
        "title": _("There is no case %(id)s.") % {"id": ref},
        "reasons": [_("It may be another clinic's, or misspelled.")],
    }


def hidden(short_id: str, reasons: list[HiddenBy]) -> dict[str, object]:
    if not reasons:
        return {"title": _("%(id)s is in this list.") % {"id": short_id}, "reasons": []}
    said = [_(_HIDDEN[reason.code]) % reason.values if reason.values else _(_HIDDEN[reason.code]) for reason in reasons]
    return {"title": _("You do not see %(id)s here:") % {"id": short_id}, "reasons": said}


def staff_id_of(act: str) -> tuple[str, str | None]:
    """`assign:<id>` names whom."""
    name, is_named, whom = act.partition(":")
    return name, whom if is_named else None
