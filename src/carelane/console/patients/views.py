"""What the pages of patients show."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from carelane.console import times
from carelane.console.patients.states import CART_STATES, CASE_STATES, CHARGE_STATES
from carelane.console.people.views import ROLES
from carelane.console.wording import patient_name
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _, ngettext
from carelane.kit.names import fold_name
from carelane.kit.phi import Phi
from carelane.patient_detail.schemas import DoubleOut, NamedMemberOut, PatientDetailOut
from carelane.patient_detail.seen.schemas import ActorKind, RecordKind, SightOut, SightsOut

# News of `?done=`.
NOTES = {
    "merged": N_("The two records are one now. Undo it below if they are not one person."),
    "undone": N_("The merge is undone: what had followed went back."),
}
STATES: dict[str, object] = {"case_states": CASE_STATES, "cart_states": CART_STATES, "charge_states": CHARGE_STATES}
# Of a patient's page; all of them have a page of their own.
SIGHTS_SHOWN = 5

_GENDERS = {"MALE": N_("male"), "FEMALE": N_("female"), "OTHER": N_("other gender")}
_ACTORS: dict[ActorKind, str] = {
    "key": N_("program"),
    "client": N_("program"),
    "staff": N_("staff"),
    "patient": N_("the patient"),
    "system": N_("a signed link, or our own work"),
}
_RECORDS: dict[RecordKind, str] = {
    "patient": N_("The record"),
    "case": N_("Case"),
    "cart": N_("A cart"),
    "quote": N_("A quote"),
    "charge": N_("A charge"),
    "payment": N_("A payment"),
    "attachment": N_("A document"),
    "appointment": N_("An appointment"),
}
# Why, as it is written down with each read; what is not here is shown as it was written.
REASONS = {
    "record of a patient": N_("opened the patient's page"),
    "case detail": N_("opened the case"),
    "search": N_("found by a search"),
    "webhook": N_("told a webhook endpoint"),
    "audit": N_("looked it up in the audit"),
    "export of the audit": N_("exported it from the audit"),
    "disclosures of a patient": N_("read to whom the record was disclosed"),
    "readers of a patient": N_("looked who may see the record"),
    "chart of a patient": N_("read the chart, by a program"),
    "list of cases": N_("in a list, by a program"),
    "list of users": N_("in a list, by a program"),
    "latest case": N_("asked for the newest case"),
    "signed link": N_("opened a link that was shared"),
    "whether there is such a user": N_("asked whether the patient is known"),
    "payment with its comments": N_("opened the payment"),
    "tags of a patient": N_("read the tags"),
    "the patient's own profile": N_("own profile"),
    "the patient's own cases": N_("own cases"),
    "the patient's own files": N_("own files"),
    "the patient's own file": N_("own file"),
    "the patient's page": N_("own page"),
}


class SightRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """One line of who saw it, in words."""

    sight: SightOut
    name: str
    role: str
    what: str
    why: str
    is_mine: bool


def name_of(record: PatientDetailOut | DoubleOut) -> str:
    return patient_name(record.first_name, record.last_name)


def member_name(member: NamedMemberOut | None, me: UUID | None) -> str:
    if member is None:
        return ""
    if member.id == me:
        return _("you")
    parts = (member.title, member.first_name, member.last_name, member.title_suffix)
    return " ".join(part for part in parts if part)


def person_line(record: PatientDetailOut) -> str:
    """`46 y · female · born Mar 14, 1980 · OR`"""
    parts: list[str] = []
    if record.date_of_birth is not None:
        parts.append(times.age(record.date_of_birth))
    if record.gender in _GENDERS:
        parts.append(_(_GENDERS[record.gender]))
    if record.date_of_birth is not None:
        parts.append(_("born %(day)s") % {"day": times.day(record.date_of_birth).striptags()})
    return " · ".join([*parts, *([record.state] if record.state else [])])


def record_page(record: PatientDetailOut, sights: SightsOut, actor: Actor) -> dict[str, object]:
    open_case = next((case for case in record.cases if not case.is_archived and case.decided_by is None), None)
    return {
        **STATES,
        "patient": record,
        "name": name_of(record),
        "line": person_line(record),
        "open_case": open_case,
        "with_whom": {case.id: _with_whom(case.decided_by, case.assigned_to, actor.id) for case in record.cases},
        "merged_by": {merge.id: member_name(merge.merged_by, actor.id) for merge in record.merges},
        "doubles": [(double, name_of(double), _shared(double)) for double in record.doubles],
        "sights": sight_rows(sights, actor),
        "summary": summary(sights),
        "more_sights": sights.next is not None,
    }


def _with_whom(decided_by: NamedMemberOut | None, assigned_to: NamedMemberOut | None, me: UUID | None) -> str:
    if decided_by is not None:
        return member_name(decided_by, me)
    return _("with %(name)s") % {"name": member_name(assigned_to, me)} if assigned_to is not None else ""


def _shared(double: DoubleOut) -> str:
    shared = (
        (double.same_name, _("same name")),
        (double.same_email, _("same e-mail")),
        (double.same_phone, _("same phone")),
        (double.same_birth_date, _("born the same day")),
    )
    cases = ngettext("%(num)d case", "%(num)d cases", double.cases) % {"num": double.cases}
    return ", ".join([*(text for is_shared, text in shared if is_shared), cases])


def summary(sights: SightsOut) -> str:
    found = sights.summary
    at_least = "+" if found.is_at_least else ""
    parts = [
        ngettext("%(num)s time in 6 months", "%(num)s times in 6 months", found.times)
        % {"num": f"{found.times}{at_least}"},
        ngettext("by %(num)d person", "by %(num)d people", found.people) % {"num": found.people},
    ]
    if found.programs:
        parts.append(ngettext("and %(num)d key", "and %(num)d keys", found.programs) % {"num": found.programs})
    return " ".join(parts)


def sight_rows(sights: SightsOut, actor: Actor) -> list[SightRow]:
    return [_sight_row(sight, actor) for sight in sights.sights]


def _sight_row(sight: SightOut, actor: Actor) -> SightRow:
    is_mine = sight.actor_kind == "staff" and sight.actor_id == actor.id
    what = _(_RECORDS[sight.record_kind])
    return SightRow(
        sight=sight,
        name=_("You") if is_mine else sight.name or _(_ACTORS[sight.actor_kind]).capitalize(),
        role=_(ROLES[sight.role]).partition(",")[0] if sight.role else _(_ACTORS[sight.actor_kind]),
        what=f"{what} {sight.case_short_id}" if sight.case_short_id and sight.record_kind == "case" else what,
        why=_(REASONS[sight.reason]) if sight.reason in REASONS else sight.reason,
        is_mine=is_mine,
    )


def compared(one: PatientDetailOut, other: PatientDetailOut) -> list[tuple[str, str, str, bool]]:
    """What stands where in each record: the name of it, both, and whether they differ."""
    rows = [(_(name), _text(one, fields), _text(other, fields)) for name, fields in _COMPARED.items()]
    rows.append((_("Cases"), str(one.counts.cases), str(other.counts.cases)))
    rows.append((_("Charges"), str(one.counts.charges), str(other.counts.charges)))
    return [(name, left, right, fold_name(left) != fold_name(right)) for name, left, right in rows]


_COMPARED: Mapping[str, tuple[str, ...]] = {
    N_("Name"): ("first_name", "last_name"),
    N_("Born"): ("date_of_birth",),
    N_("Gender"): ("gender",),
    N_("E-mail"): ("email",),
    N_("Phone"): ("phone_number",),
    N_("Address"): ("address_line1", "address_line2", "city", "state", "postal_code"),
    N_("Their id"): ("reference",),
}


def _text(record: PatientDetailOut, fields: tuple[str, ...]) -> str:
    values = [getattr(record, field) for field in fields]
    words = [times.day(value).striptags() if isinstance(value, date) else str(value) for value in values if value]
    return _(_GENDERS.get(words[0], words[0])) if fields == ("gender",) and words else " ".join(words)
