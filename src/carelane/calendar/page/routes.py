"""/a/{token}: a patient's appointment, and /a/{token}/book, where one is booked. The link is the credential.

A forged link costs no query. Nothing is done by a GET. Only somebody with the link can send its forms, whose addresses hold the
token; a form that the browser says comes from another site is refused.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.calendar.access import (
    PATH,
    AppointmentLink,
    EventType,
    base_path,
    read_booking_link,
    read_link,
    reader_of,
)
from carelane.calendar.availability.schemas import Moment, timezone_problems
from carelane.calendar.errors import AppointmentStateError, TimeTakenError
from carelane.calendar.page import actions, views
from carelane.calendar.page.actions import Wish
from carelane.kit.auth import Actor
from carelane.kit.emails import is_email
from carelane.kit.errors import InvalidRequestError, RecordNotFoundError, RuleBrokenError
from carelane.kit.languages import N_, _
from carelane.patients.schemas import parse_date
from carelane.services import Services
from carelane.web.html.forms import read_form
from carelane.web.html.pages import PATIENT_STYLES, PageContent, Pages, see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import base_url

PAGES = Pages(Path(__file__).parent / "templates", PATIENT_STYLES)
MAX_FIELDS = 10
MAX_REASON_CHARACTERS = 2_000
_CHOOSE = N_("Choose one of the times first.")
_TAKEN = N_("Somebody else has taken that time. Please choose another one.")
_ADDRESS = N_("Enter your e-mail address, such as name@example.com.")

routes = PageRoutes()

PageRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="From the message that the patient got")]
From = Annotated[str | None, QueryParameter(name="from")]
Zone = Annotated[str | None, QueryParameter(name="zone")]


@routes.get(f"{PATH}/page.css")
async def get_calendar_styles() -> Response[str]:
    return PATIENT_STYLES.response()


@routes.get(f"{PATH}/{{token:str}}")
async def show_appointment(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[str]:
    link, actor = _reader(request, services, token)
    seen = await actions.view_appointment(services, actor, link)
    return _page(services, views.show_appointment(_path(services, token), seen))


@routes.get(f"{PATH}/{{token:str}}/reschedule")
async def show_times(
    request: PageRequest, services: NamedDependency[Services], token: Token, first: From = None
) -> Response[str]:
    link, actor = _reader(request, services, token)
    seen = await actions.view_appointment(services, actor, link, _day(first), with_times=True)
    return _page(services, views.show_times(_path(services, token), seen))


@routes.post(f"{PATH}/{{token:str}}/reschedule")
async def move_appointment(
    request: PageRequest, services: NamedDependency[Services], token: Token, first: From = None
) -> Response[Any]:
    """Moves it to the time that was chosen. If that is no longer free, shows those that are."""
    form = await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    seen = await actions.view_appointment(services, actor, link, _day(first), with_times=True)
    start_time = _moment(form.get("start", ""))
    if seen.times is None or start_time is None:
        return _page(services, views.show_times(_path(services, token), seen, _(_CHOOSE), 422))
    patient = msgspec.structs.replace(actor, id=seen.row.patient_id)
    try:
        await actions.move_appointment(services, patient, link, start_time, base_url(request, services))
    except (TimeTakenError, RuleBrokenError, AppointmentStateError):
        seen = await actions.view_appointment(services, actor, link, _day(first), with_times=True)
        return _page(services, views.show_times(_path(services, token), seen, _(_TAKEN), 409))
    return see_other(_path(services, token))


@routes.get(f"{PATH}/{{token:str}}/cancel")
async def show_cancel(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[str]:
    link, actor = _reader(request, services, token)
    seen = await actions.view_appointment(services, actor, link)
    return _page(services, views.show_cancel(_path(services, token), seen))


@routes.post(f"{PATH}/{{token:str}}/cancel")
async def cancel_appointment(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    form = await read_form(request, MAX_FIELDS)
    link, actor = _reader(request, services, token)
    seen = await actions.view_appointment(services, actor, link)
    # Counted as the browser counts for maxlength: it sends the end of each line as two characters.
    reason = form.get("reason", "").replace("\r\n", "\n").replace("\0", "").strip()
    if len(reason) > MAX_REASON_CHARACTERS:
        raise InvalidRequestError(f"expected a reason of at most {MAX_REASON_CHARACTERS} characters")
    patient = msgspec.structs.replace(actor, id=seen.row.patient_id)
    try:
        await actions.cancel_appointment(services, patient, link, reason or None, base_url(request, services))
    except AppointmentStateError:
        return _page(services, views.show_cancel(_path(services, token), seen))
    return see_other(_path(services, token))


@routes.get(f"{PATH}/{{token:str}}/book")
async def show_clinician(
    request: PageRequest,
    services: NamedDependency[Services],
    token: Token,
    first: From = None,
    zone: Zone = None,
) -> Response[str]:
    link, actor = _visitor(request, services, token)
    seen = await actions.view_clinician(services, actor, link, _zone(zone), _day(first))
    return _page(services, views.show_clinician(f"{_path(services, token)}/book", seen))


@routes.post(f"{PATH}/{{token:str}}/book")
async def book_appointment(
    request: PageRequest,
    services: NamedDependency[Services],
    token: Token,
    first: From = None,
    zone: Zone = None,
) -> Response[Any]:
    """Books what was chosen, at the address of the week that is shown. Whether the e-mail is a patient's is not told."""
    form = await read_form(request, MAX_FIELDS)
    link, actor = _visitor(request, services, token)
    path, shown_in = f"{_path(services, token)}/book", _zone(form.get("zone") or zone)
    seen = await actions.view_clinician(services, actor, link, shown_in, _day(first))
    start_time, email = _moment(form.get("start", "")), form.get("email", "").strip()
    if start_time is None or not is_email(email):
        message = _(_CHOOSE) if start_time is None else _(_ADDRESS)
        return _page(services, views.show_clinician(path, seen, message, email, 422))
    wish = Wish(email=email, start_time=start_time, timezone=seen.times.timezone)
    if start_time not in seen.times.starts:
        return _page(services, views.show_clinician(path, seen, _(_TAKEN), email, 409))
    try:
        await actions.book_appointment(services, actor, link, wish, base_url(request, services))
    except TimeTakenError:
        seen = await actions.view_clinician(services, actor, link, shown_in, _day(first))
        return _page(services, views.show_clinician(path, seen, _(_TAKEN), email, 409))
    return _page(services, views.show_wished(seen.clinic, seen.logo))


def _reader(request: PageRequest, services: Services, token: str) -> tuple[AppointmentLink, Actor]:
    """Raises RecordNotFoundError for a link that is not ours."""
    link = read_link(services.calendar_link_key, token)
    if link is None:
        raise RecordNotFoundError
    return link, reader_of(link.organization_id, request.scope["state"].get("request_id"))


def _visitor(request: PageRequest, services: Services, token: str) -> tuple[EventType, Actor]:
    """As `_reader`, for a clinician's link."""
    link = read_booking_link(services.calendar_link_key, token)
    if link is None:
        raise RecordNotFoundError
    return link, reader_of(link.organization_id, request.scope["state"].get("request_id"))


def _page(services: Services, content: PageContent) -> Response[str]:
    return PAGES.render(base_path(services.settings.public_url), content)


def _path(services: Services, token: str) -> str:
    return f"{base_path(services.settings.public_url)}/{token}"


def _day(text: str | None) -> date | None:
    """What no link of ours says is today."""
    return parse_date(text) if text else None


def _zone(name: str | None) -> str | None:
    """None, for the clinician's own, unless it is one."""
    return name if name and not list(timezone_problems("zone", name)) else None


def _moment(text: str) -> datetime | None:
    try:
        return msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        return None
