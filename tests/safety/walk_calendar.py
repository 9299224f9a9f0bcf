"""The tenant walk's part about appointments."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from carelane.services import Services
from tests.factories.calendar import book
from tests.factories.rows import insert_link

CALENDAR = "/api/v1/calendar"
APPOINTMENTS = f"{CALENDAR}/appointments"
DESK = "/api/staff/appointments"


class Appointed(NamedTuple):
    """An appointment of the victim, and the clinician it is with."""

    id: UUID
    staff_id: UUID
    email: str


async def appoint_marked(
    services: Services, organization_id: UUID, case_id: UUID, staff_id: UUID, mark: str, email: str
) -> Appointed:
    """All of it holds the mark."""
    here = (services, organization_id)
    license_ = {"staff_id": staff_id, "state": "NY", "number": mark, "expires_on": date(2199, 12, 31)}
    await insert_link(*here, "staff_licenses", **license_)
    hours = '[{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}]'
    times = {"timezone": "UTC", "appointment_minutes": 30, "hours": hours, "exceptions": "[]"}
    link = f"https://{mark}.example"
    await insert_link(*here, "staff_availability", staff_id=staff_id, meeting_link=link, **times)
    period = ("2199-01-01T15:00:00Z", "2199-01-01T15:30:00Z")
    named = {"staff_id": staff_id, "provider_name": mark, "provider_email": f"{mark}@x.example", "meeting_link": link}
    appointment_id = await book(*here, case_id, *period, **named)
    return Appointed(appointment_id, staff_id, email)


def walk_calendar(
    victim: Appointed, key: dict[str, str], clinician: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's ids, the other's credentials."""
    asked, seen = {"headers": key}, {"headers": clinician}
    only = {"provider_states": "NY", "event_type_id": str(victim.staff_id)}
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any day to come
    times = {"start_time": f"{tomorrow}T00:00:00Z", "end_time": f"{tomorrow}T12:00:00Z"}
    for path in (f"{CALENDAR}/provider-availability", "/api/v1/provider-availability"):
        for query in ({"provider_states": "NY"}, only, only | times):
            yield f"GET {path}", ("GET", path, asked | {"params": query})
    for query in ({"user_email": victim.email}, {"start_date": "2199-01-01", "end_date": "2199-01-02"}):
        yield f"GET {APPOINTMENTS}", ("GET", APPOINTMENTS, asked | {"params": query})
    named = {"email": victim.email, "appointmentId": str(victim.id), "startTime": f"{tomorrow}T15:00:00Z"}
    booking = named | {"eventTypeId": str(victim.staff_id), "timezone": "UTC", "location": "zoom_conference"}
    for end in ("", "/reschedule", "/cancel"):
        yield f"POST {APPOINTMENTS}{end}", ("POST", f"{APPOINTMENTS}{end}", asked | {"json": booking})
    for end in ("no-show", "remove-no-show"):
        url = f"{DESK}/{victim.id}/{end}"
        yield f"POST {DESK}/{{appointment_id}}/{end}", ("POST", url, seen | ({"json": {}} if end == "no-show" else {}))
