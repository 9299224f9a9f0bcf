"""A member's hours as a form: a line for each day of the week, and one for each day that differs."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from carelane.calendar.availability.schemas import WEEKDAYS, DifferentDayIn, HoursIn, Weekday, WeeklyHoursIn, minutes_of
from carelane.clinic.people.availability.schemas import AvailabilityOut
from carelane.console.forms import Filled, Form, lines_of
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.languages import N_, _

DAYS: dict[Weekday, str] = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
LABELS: dict[str, str] = {
    "timezone": N_("Time zone"),
    "appointmentMinutes": N_("Minutes of an appointment"),
    "meetingLink": N_("Where patients meet the member"),
    **{str(day): name for day, name in DAYS.items()},
    "different": N_("Days that differ"),
}
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-\N{EN DASH}]\s*(\d{1,2}:\d{2})", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s+(.*))?", re.ASCII)


def filled(stands: AvailabilityOut) -> Filled:
    return Filled.of(
        timezone=stands.timezone,
        appointmentMinutes=stands.appointment_minutes,
        meetingLink=stands.meeting_link,
        different=_lines(stands.exceptions),
        version=stands.version,
        **{day: _said([span for span in stands.hours if day in span.days]) for day in WEEKDAYS},
    )


def _said(spans: Iterable[HoursIn]) -> str:
    """`09:00-12:30, 13:30-17:00`"""
    return ", ".join(f"{one.begins}-{one.ends}" for one in sorted(spans, key=lambda one: minutes_of(one.begins)))


def hours_in(form: Form, stands: AvailabilityOut) -> dict[str, Any]:
    """What was typed, as the body wants it. What says the same stays as it stands: the organization file may have put it another way.

    Raises RuleBrokenError.
    """
    problems: list[FieldProblem] = []
    week: dict[Weekday, list[HoursIn]] = {day: _spans(form.get(day), day, problems) for day in WEEKDAYS}
    lines = enumerate(lines_of(form.get("different")))
    different = [day for index, line in lines if (day := _different(line, index, problems)) is not None]
    refuse(problems)
    before = filled(stands)
    is_same_week = all(_said(week[day]) == before.get(day) for day in WEEKDAYS)
    is_same = _lines(different) == before.get("different")
    return {
        "hours": msgspec.to_builtins(stands.hours if is_same_week else _together(week)),
        "exceptions": msgspec.to_builtins(stands.exceptions if is_same else different),
    }


def _lines(days: Iterable[DifferentDayIn]) -> str:
    return "\n".join(f"{one.date} {_said(one.hours)}".strip() for one in days)


def _together(week: dict[Weekday, list[HoursIn]]) -> list[WeeklyHoursIn]:
    """The days of the same hours in one."""
    days: dict[tuple[str, str], list[Weekday]] = {}
    for day, spans in week.items():
        for one in spans:
            days.setdefault((one.begins, one.ends), []).append(day)
    return [WeeklyHoursIn(begins=begins, ends=ends, days=on) for (begins, ends), on in sorted(days.items())]


def _spans(text: str, field: str, problems: list[FieldProblem], line: str = "") -> list[HoursIn]:
    """What is no time of the clock is found by the body's own rules where it reads as one."""
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    found = [_SPAN.fullmatch(piece) for piece in pieces]
    spans = [HoursIn(begins=one[1].zfill(5), ends=one[2].zfill(5)) for one in found if one]
    if len(spans) < len(pieces) or not _are_times(spans):
        problems.append(FieldProblem(field, line + _("Type hours such as 09:00-12:30, 13:30-17:00, in steps of five.")))
    return spans


def _are_times(spans: Sequence[HoursIn]) -> bool:
    try:
        msgspec.convert(msgspec.to_builtins(spans), list[HoursIn])
    except msgspec.ValidationError:
        return False
    return True


def _different(line: str, index: int, problems: list[FieldProblem]) -> DifferentDayIn | None:
    place = _("Line %(number)d: ") % {"number": index + 1}
    found = _DAY.fullmatch(line)
    try:
        day = msgspec.convert({"date": found[1] if found else ""}, DifferentDayIn)
    except msgspec.ValidationError:
        said = _("Type a day such as 2027-07-05, and the hours of that day.")
        problems.append(FieldProblem("different", place + said))
        return None
    hours = _spans((found[2] if found else None) or "", "different", problems, place)
    return msgspec.structs.replace(day, hours=hours)


def at_their_fields(form: Filled) -> Filled:
    """Rules of hours are told at the week or at the days that differ."""
    roots = {"hours": "hours", "exceptions": "different"}
    problems: dict[str, str] = {}
    for name, text in form.problems.items():
        root = roots.get(name.partition("[")[0], name)
        problems[root] = f"{problems[root]} {text}" if root in problems else text
    return msgspec.structs.replace(form, problems=problems)
