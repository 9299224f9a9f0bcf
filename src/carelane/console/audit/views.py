"""What the pages of the audit show."""

import re
from datetime import datetime

import msgspec

from carelane.audit.disclosures.schemas import DisclosuresOut
from carelane.audit.readers.schemas import ReaderOut, ReadersOut
from carelane.audit.schemas import READ, SYSTEM, ActorOut, AuditOut, AuditQuery, EntryOut
from carelane.console.audit.states import ACTS, RECORDS, WORDS
from carelane.console.forms import Filled
from carelane.console.frame import with_query
from carelane.console.patients.views import REASONS
from carelane.console.people.views import ROLES
from carelane.console.wording import patient_name
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _, ngettext
from carelane.kit.phi import Phi
from carelane.permissions import AUDIT_READ, BILLING_READ, CASES_READ, PATIENTS_READ, PORTAL_SERVE

PATH = "/console/audit"
# As they stand in the address.
FILTERS = ("actor", "record", "act", "from", "to")

_ACTORS = {
    "key": N_("program"),
    "client": N_("program"),
    "staff": N_("staff"),
    "patient": N_("the patient"),
    "system": N_("Carelane"),
}
# Pages of records, by the kind; the id goes behind.
_PAGES = {
    "order": "/console/orders/",
    "patient": "/console/patients/",
    "payment": "/console/payments/",
    "charge": "/console/billing/charges/",
    "cart": "/console/billing/carts/",
    "quote": "/console/billing/quotes/",
    "drug": "/console/catalog/drugs/",
    "pharmacy": "/console/settings/pharmacies/",
    "staff": "/console/people/",
    "webhook": "/console/settings/webhooks/",
    "template": "/console/templates/",
}
# Names of states and moments; whatever else a value holds stays in the API and the CSV.
_STATE = re.compile(r"[A-Z][A-Z_]{2,40}")
_OPENS = {
    CASES_READ: N_("the whole record: cases, answers, messages"),
    PATIENTS_READ: N_("name, contact and details"),
    BILLING_READ: N_("carts, quotes and charges"),
    PORTAL_SERVE: N_("what a patient who signed in may see"),
    AUDIT_READ: N_("who did and saw what"),
}

Options = list[tuple[str, list[tuple[str, str]]]]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line, in words. `href` is None where there is no page of the record."""

    id: str
    at: datetime
    is_read: bool
    is_test: bool
    actor_kind: str
    initials: tuple[str, str]
    name: str
    role: str
    is_mine: bool
    act: str
    note: str
    record: str
    href: str | None
    case: str | None


def audit_page(
    found: AuditOut, actors: list[ActorOut], chosen: dict[str, str], query: AuditQuery, actor: Actor
) -> dict[str, object]:
    filters = {name: value for name, value in chosen.items() if value}
    return {
        "rows": [_row(entry, actor) for entry in found.entries],
        "people": _people(actors, query.actor),
        "acts": acts(),
        "filters": filters,
        "first_page": with_query(PATH, **filters) if query.after else None,
        "next_page": with_query(PATH, **filters, after=found.next) if found.next else None,
        "export": with_query(f"{PATH}/export.csv", **filters),
        "is_filtered": bool(filters),
    }


def filled(chosen: dict[str, str]) -> Filled:
    return Filled.of(**chosen)


def acts() -> Options:
    """What can be searched for, in groups."""
    groups: Options = [(_(group), [(str(act), _(words)) for act, words in of.items()]) for group, of in ACTS.items()]
    return [("", [("", _("Everything")), (READ, _("Records that were read"))]), *groups]


def _people(actors: list[ActorOut], chosen: str | None) -> Options:
    staff = [(str(one.id), _named(one)) for one in actors if one.kind == "staff"]
    programs = [(str(one.id), _named(one)) for one in actors if one.kind != "staff"]
    known = {value for value, _text in (*staff, *programs)} | {"", SYSTEM}
    other = [(chosen, _("A patient"))] if chosen and chosen not in known else []
    groups = [
        ("", [("", _("Anybody")), *other, (SYSTEM, _("Carelane by itself"))]),
        (_("Staff"), staff),
        (_("Programs"), programs),
    ]
    return [(name, options) for name, options in groups if options]


def _named(one: ActorOut) -> str:
    return one.name if one.is_active else _("%(name)s (gone)") % {"name": one.name}


def _row(entry: EntryOut, actor: Actor) -> Row:
    kind = entry.record_kind or ("case" if entry.case_id else "")
    is_mine = entry.actor_kind == "staff" and entry.actor_id == actor.id
    return Row(
        id=str(entry.id),
        at=entry.at,
        is_read=entry.what == "READ",
        is_test=entry.is_test,
        actor_kind=entry.actor_kind,
        initials=_letters(entry.actor_name or ""),
        name=_("You") if is_mine else entry.actor_name or _(_ACTORS[entry.actor_kind]).capitalize(),
        role=_(ROLES[entry.actor_role]).partition(",")[0] if entry.actor_role else _(_ACTORS[entry.actor_kind]),
        is_mine=is_mine,
        act=_("Read a record") if entry.what == "READ" else _(WORDS.get(entry.act, entry.act)),
        note=_note(entry),
        record=_(RECORDS[kind]) if kind in RECORDS else kind,
        href=_page_of(entry, kind),
        case=entry.case_short_id,
    )


def _letters(name: str) -> tuple[str, str]:
    """First and last name, without what stands before and after: `Dr. Idris Cole MD`."""
    words = [word for word in name.split() if not word.endswith(".") and not (word.isupper() and len(word) > 1)]
    return (words[0], words[-1] if len(words) > 1 else "") if words else ("", "")


def _page_of(entry: EntryOut, kind: str) -> str | None:
    if kind == "case" and entry.case_short_id:
        return f"/console/cases/{entry.case_short_id}"
    return f"{_PAGES[kind]}{entry.record_id}" if kind in _PAGES and entry.record_id else None


def _note(entry: EntryOut) -> str:
    if entry.reason is not None:
        return _(REASONS[entry.reason]) if entry.reason in REASONS else entry.reason
    values = [value for value in (entry.value_before, entry.value_after) if value and _STATE.fullmatch(value)]
    return " → ".join(value.replace("_", " ").lower() for value in values)


class ReaderLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may see a patient, in words."""

    reader: ReaderOut
    name: str
    role: str
    is_mine: bool
    opens: list[str]
    times: str


def disclosures_page(report: DisclosuresOut) -> dict[str, object]:
    days = {"from": report.first_day.isoformat(), "to": report.last_day.isoformat()}
    base = f"{PATH}/patients/{report.patient_id}"
    return {
        "report": report,
        "name": name_of(report),
        "sections": sections(str(report.patient_id), "disclosures"),
        "export": with_query(f"{base}/disclosures.csv", **days),
        "base": base,
        "unknown": _unknown(report),
    }


def readers_page(found: ReadersOut, actor: Actor) -> dict[str, object]:
    lines = [_reader(reader, actor) for reader in found.readers]
    groups = [
        (_("Staff"), [line for line in lines if line.reader.kind == "staff" and line.opens]),
        (_("Programs with a key"), [line for line in lines if line.reader.kind != "staff" and line.opens]),
        (_("Looked, and may no longer"), [line for line in lines if not line.opens]),
    ]
    may = sum(1 for line in lines if line.opens)
    return {
        "found": found,
        "name": name_of(found),
        "sections": sections(str(found.patient_id), "readers"),
        "groups": [(title, of) for title, of in groups if of],
        "count": ngettext("%(num)d may", "%(num)d may", may) % {"num": may},
        "cannot": ", ".join(_(ROLES[role]).partition(",")[0] for role in found.cannot),
    }


def name_of(found: DisclosuresOut | ReadersOut) -> str:
    return patient_name(found.first_name, found.last_name)


def sections(patient_id: str, here: str) -> list[tuple[str, str, None, bool]]:
    """What there is to see of a patient, as links."""
    record, audit = f"/console/patients/{patient_id}", f"{PATH}/patients/{patient_id}"
    return [
        (_("Overview"), record, None, False),
        (_("Who saw this record"), f"{record}/seen", None, False),
        (_("Who may see it"), f"{audit}/readers", None, here == "readers"),
        (_("Disclosures"), f"{audit}/disclosures", None, here == "disclosures"),
        (_("What happened"), with_query(PATH, record=patient_id), None, False),
    ]


def _unknown(report: DisclosuresOut) -> list[str]:
    """What the report cannot say."""
    said = []
    if report.knowledge.webhook_days is not None:
        text = _(
            "Which webhook endpoint was told is known for %(days)d days. Before that the line says that one was told."
        )
        said.append(text % {"days": report.knowledge.webhook_days})
    if report.knowledge.message_days is not None:
        text = _("Mail and text messages are known for %(days)d days.")
        said.append(text % {"days": report.knowledge.message_days})
    said.append(_("Lists of many patients that a program read stand in the audit as lists, and not here."))
    said.append(_("What was told by telephone, on paper or outside Carelane is not on record here."))
    return said


def _reader(reader: ReaderOut, actor: Actor) -> ReaderLine:
    is_mine = reader.kind == "staff" and reader.id == actor.id
    return ReaderLine(
        reader=reader,
        name=_("You") if is_mine else reader.name,
        role=_(ROLES[reader.role]).partition(",")[0] if reader.role else _("program"),
        is_mine=is_mine,
        opens=[_(_OPENS[permission]) for permission in reader.opens_by],
        times=ngettext("%(num)d time", "%(num)d times", reader.times) % {"num": reader.times},
    )
