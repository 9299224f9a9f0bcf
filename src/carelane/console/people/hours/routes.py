"""`/console/people/{member}/hours` and the form on it."""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.clinic.people.availability.actions import change_availability
from carelane.clinic.people.availability.reads import get_availability
from carelane.clinic.people.availability.schemas import AvailabilityIn
from carelane.clinic.people.reads import get_member_settings
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.people.hours import views
from carelane.console.people.routes import PEOPLE_PATH, MemberId
from carelane.kit.languages import N_, _
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

NOTES = {"changed": N_("The hours are saved. Appointments that are booked stay.")}


@routes.get(PEOPLE_PATH + "/{member_id:str}/hours")
async def get_hours(request: ActorRequest, services: NamedDependency[Services], member_id: MemberId) -> Response[Any]:
    """As they stand."""
    return await _show(request, services, member_id, None)


@routes.post(PEOPLE_PATH + "/{member_id:str}/hours/change")
async def change_hours(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], member_id: MemberId
) -> Response[Any]:
    """As a whole."""
    try:
        stands = await get_availability(services, request.auth, member_id)
        body = form.read(AvailabilityIn, **views.hours_in(form, stands))
        await change_availability(services, request.auth, member_id, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, member_id, views.at_their_fields(form.refused(error)))
    return see_other(with_query(f"{PEOPLE_PATH}/{member_id}/hours", done="changed"))


async def _show(request: ActorRequest, services: Services, member_id: str, form: Filled | None) -> Response[Any]:
    member = await get_member_settings(services, request.auth, member_id)
    shown, changes = on_page(
        form, views.filled(await get_availability(services, request.auth, member_id)), views.LABELS
    )
    values = {
        "member": member,
        "part": "hours",
        "days": [(day, _(name)) for day, name in views.DAYS.items()],
        "changes": changes,
    }
    return await page(request, services, "people/hours.html", values, here="staff", form=shown, notes=NOTES)
