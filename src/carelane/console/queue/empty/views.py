"""What an empty list says."""

from collections.abc import Iterator

import msgspec

from carelane.cases.review.queue.schemas import ViewCounts
from carelane.console.queue.views import ASKED, EVERYONE, FITS, MINE, NOBODYS, PATH, Pairs, address
from carelane.console.wording import capped
from carelane.kit.languages import N_, _
from carelane.saved_views.schemas import PARAMETERS


class Empty(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is nothing, what waits elsewhere (how many, why, where), and where to go now."""

    title: str
    text: str
    elsewhere: list[tuple[str, str, str]] = []
    ways: list[tuple[str, str]]


def empty(counts: ViewCounts, chosen: dict[str, list[tuple[str, str]]], pairs: Pairs, *, is_further: bool) -> Empty:
    """Said of the list that the filters name."""
    if is_further:
        text = _("The list ends here; cases may have moved up.")
        return Empty(title=_("Nothing further"), text=text, ways=[(_("From the top"), address(pairs))])
    if sorted(pairs) == sorted(FITS):
        return _nothing_fits(counts)
    everyone = (_("See everyone's, %(count)s") % {"count": capped(counts.everyone)}, address(EVERYONE))
    nobodys = (_("See what nobody has, %(count)s") % {"count": capped(counts.unassigned)}, address(NOBODYS))
    known = {
        MINE[0]: (_("You have no case"), _("Next case deals you the one that runs out first."), [nobodys, everyone]),
        NOBODYS[0]: (_("Every case is with somebody"), _("New ones come in by themselves."), [everyone]),
        ASKED[0]: (_("No patient owes an answer"), _("A case is here from the question until the answer."), [everyone]),
        EVERYONE[0]: (_("No case waits"), _("New ones come in by themselves."), [(_("Go home"), "/console")]),
    }
    if len(pairs) == 1 and pairs[0] in known:
        title, text, ways = known[pairs[0]]
        return Empty(title=title, text=text, ways=ways)
    said = " · ".join(_said(pairs, chosen))
    return Empty(title=_("No case matches"), text=said, ways=[(_("Without filters"), PATH), everyone])


def _nothing_fits(counts: ViewCounts) -> Empty:
    asked = _("Look at %(count)s that wait for the patient") % {"count": capped(counts.asked)}
    unlicensed = _("The patients live where you have no license that is good today. An administrator can add one.")
    found = [
        (counts.unlicensed, unlicensed, EVERYONE),
        (counts.with_others, _("Somebody else has them, looks at them or has just decided."), EVERYONE),
        (counts.asked, _("They wait for the patient's answer."), ASKED),
    ]
    return Empty(
        title=_("Nothing waits for you"),
        text=_("No case that fits your license is free. New ones come in by themselves."),
        elsewhere=[(capped(number), text, address(query)) for number, text, query in found if number > 0],
        ways=[(asked, address(ASKED))] if counts.asked else [(_("Go home"), "/console")],
    )


_YES_NO = {
    "fitsMyLicense": (N_("Fits my license"), ""),
    "awaitingPatient": (N_("Waiting for patient"), N_("Not waiting for patient")),
    "isEscalated": (N_("Marked for a second look"), N_("Not marked for a second look")),
    "isArchived": (N_("Archived"), N_("Not archived")),
}
_LABELS = {
    "product": (N_("Product"), "products"),
    "status": (N_("State"), "statuses"),
    "state": (N_("Patient lives in"), ""),
    "assignedTo": (N_("Assigned to"), "people"),
    "q": (N_("Short id"), ""),
}


def _said(pairs: Pairs, chosen: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    """The filters in the words of their fields."""
    order = list(PARAMETERS)
    for name, text in sorted(pairs, key=lambda pair: order.index(pair[0])):
        if name in _YES_NO:
            yield _(_YES_NO[name][text != "true"])
        else:
            label, options = _LABELS[name]
            yield f"{_(label)}: {dict(chosen.get(options, [])).get(text, text)}"
