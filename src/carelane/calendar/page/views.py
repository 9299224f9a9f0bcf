"""From rows to the pages that a patient sees."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from carelane.calendar.page.actions import DAYS_SHOWN, MAX_DAYS_AHEAD, ClinicianSeen, Seen, Times
from carelane.kit.formatting import moment_text, time_text, weekday_text
from carelane.kit.languages import N_, _
from carelane.web.html.pages import PageContent, notice

# For a reader elsewhere than the clinician; what the zones are called in the United States.
ZONES = {
    "America/New_York": N_("Eastern time"),
    "America/Chicago": N_("Central time"),
    "America/Denver": N_("Mountain time"),
    "America/Phoenix": N_("Arizona"),
    "America/Los_Angeles": N_("Pacific time"),
    "America/Anchorage": N_("Alaska"),
    "Pacific/Honolulu": N_("Hawaii"),
}
_ENDED = N_("Ask the clinic if you need another one.")


class TimeShown(msgspec.Struct, frozen=True):
    value: str
    text: str


class DayShown(msgspec.Struct, frozen=True):
    name: str
    times: list[TimeShown]


def show_appointment(path: str, seen: Seen) -> PageContent:
    """`path` is the appointment's own page."""
    if not seen.is_to_come:
        return _over(seen)
    return PageContent("appointment.html", _values(path, seen))


def show_times(path: str, seen: Seen, message: str = "", status: int = 200) -> PageContent:
    if seen.times is None:
        return _over(seen)
    values = {**_values(path, seen), **_week(seen.times, f"{path}/reschedule"), "message": message}
    return PageContent("reschedule.html", values, status)


def show_cancel(path: str, seen: Seen) -> PageContent:
    return PageContent("cancel.html", _values(path, seen)) if seen.is_to_come else _over(seen)


def show_clinician(
    path: str, seen: ClinicianSeen, message: str = "", email: str = "", status: int = 200
) -> PageContent:
    timezone = seen.times.timezone
    values = {
        "clinic": seen.clinic,
        "logo": seen.logo,
        "provider": seen.clinician.name,
        "minutes": seen.clinician.appointment_minutes,
        "path": path,
        "timezone": timezone,
        "zones": {timezone: timezone.replace("_", " ")} | {zone: _(name) for zone, name in ZONES.items()},
        "message": message,
        "email": email,
    }
    return PageContent("book.html", values | _week(seen.times, path, f"&zone={timezone}"), status)


def show_wished(clinic: str, logo: str | None) -> PageContent:
    return notice(
        200,
        _("Check your mail"),
        _(
            "If the clinic knows your address and has a case of yours, the appointment is booked, and a mail with the time and "
            "everything else is on its way to you."
        ),
        _("If you get no mail, call the clinic."),
        clinic=clinic,
        logo=logo,
    )


def _over(seen: Seen) -> PageContent:
    when = moment_text(seen.row.starts_at, seen.row.timezone)
    if seen.row.is_canceled:
        title, text = _("This appointment is canceled"), _("It was to be on %(when)s.")
    else:
        title, text = _("This appointment can no longer be changed"), _("It was on %(when)s.")
    return notice(410, title, text % {"when": when}, _(_ENDED), clinic=seen.row.organization_name, logo=seen.row.logo)


def _values(path: str, seen: Seen) -> dict[str, Any]:
    return {
        "clinic": seen.row.organization_name,
        "logo": seen.row.logo,
        "provider": seen.row.provider_name,
        "when": moment_text(seen.row.starts_at, seen.row.timezone),
        "meeting_link": seen.row.meeting_link,
        "path": path,
    }


def _week(times: Times, path: str, query: str = "") -> dict[str, Any]:
    """The days with their times, and the addresses of the weeks before and after."""
    earlier, later = times.first - timedelta(days=DAYS_SHOWN), times.first + timedelta(days=DAYS_SHOWN)
    last = times.today + timedelta(days=MAX_DAYS_AHEAD - DAYS_SHOWN)
    return {
        "days": _days(times),
        "week": _("%(first)s to %(last)s")
        % {"first": weekday_text(times.first), "last": weekday_text(later - timedelta(days=1))},
        "earlier": f"{path}?from={max(earlier, times.today)}{query}" if times.first > times.today else None,
        "later": f"{path}?from={min(later, last)}{query}" if times.first < last else None,
    }


def _days(times: Times) -> list[DayShown]:
    zone = ZoneInfo(times.timezone)
    local = [(start, start.astimezone(zone)) for start in times.starts]
    return [
        DayShown(weekday_text(day), [TimeShown(_value(start), time_text(shown)) for start, shown in group])
        for day, group in groupby(local, key=lambda pair: pair[1].date())
    ]


def _value(start: datetime) -> str:
    return start.isoformat().replace("+00:00", "Z")
