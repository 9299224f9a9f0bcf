"""`/console/people/{member}` and the forms on it."""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.clinic.people.actions import change_email, change_member, deactivate_member, reactivate_member
from carelane.clinic.people.reads import get_member_settings, list_roles
from carelane.clinic.people.schemas import MemberEmailIn, MemberSettingsIn
from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.people.member import views
from carelane.console.people.routes import PEOPLE_PATH, MemberId
from carelane.console.signin.access import caller_at
from carelane.kit.languages import N_
from carelane.services import Services
from carelane.sessions.errors import PasswordWrongError
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

NOTES = {
    "changed": N_("The member is changed."),
    "moved": N_("The address is changed, and the member is signed out everywhere. Both addresses are told."),
    "off": N_("The member is signed out everywhere and cannot sign in. Undecided cases are open again."),
    "on": N_("The member can sign in again."),
}


@routes.get(f"{PEOPLE_PATH}/roles")
async def get_roles(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """What each role may do."""
    values = views.of_roles(await list_roles(services, request.auth))
    return await page(request, services, "people/roles.html", values, here="staff")


@routes.get(PEOPLE_PATH + "/{member_id:str}")
async def get_person(request: ActorRequest, services: NamedDependency[Services], member_id: MemberId) -> Response[Any]:
    """One member."""
    return await _show(request, services, member_id, None)


@routes.post(PEOPLE_PATH + "/{member_id:str}/change")
async def change_person(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], member_id: MemberId
) -> Response[Any]:
    """As a whole."""
    form = views.without_empty_lines(form)
    try:
        await change_member(services, request.auth, member_id, form.read(MemberSettingsIn), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, member_id, form.refused(error))
    return see_other(with_query(f"{PEOPLE_PATH}/{member_id}", done="changed"))


@routes.get(PEOPLE_PATH + "/{member_id:str}/email")
async def get_email(request: ActorRequest, services: NamedDependency[Services], member_id: MemberId) -> Response[Any]:
    """What the member signs in with."""
    return await _show_email(request, services, member_id, None)


@routes.post(PEOPLE_PATH + "/{member_id:str}/email/change")
async def change_address(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], member_id: MemberId
) -> Response[Any]:
    """The new one is typed twice: with a wrong one nobody signs in. Whoever changes it shows the own password."""
    try:
        require_typed(form, "again", form.get("email"), str.casefold)
        body, caller = form.read(MemberEmailIn), caller_at(request, services)
        await change_email(services, request.auth, member_id, body, caller, form.key(request))
    except (*REFUSALS, PasswordWrongError) as error:
        return await _show_email(request, services, member_id, form.refused(error))
    return see_other(with_query(f"{PEOPLE_PATH}/{member_id}", done="moved"))


async def _show_email(request: ActorRequest, services: Services, member_id: str, form: Filled | None) -> Response[Any]:
    member = await get_member_settings(services, request.auth, member_id)
    shown, changes = on_page(form, views.email_filled(member), views.EMAIL_LABELS)
    is_own = member.id == request.auth.id
    values = {"member": member, "part": "email", "changes": changes, "is_own": is_own}
    return await page(request, services, "people/email.html", values, here="staff", form=shown)


@routes.post(PEOPLE_PATH + "/{member_id:str}/deactivate")
async def deactivate(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], member_id: MemberId
) -> Response[Any]:
    """The address is typed first."""
    try:
        require_typed(form, "email", (await get_member_settings(services, request.auth, member_id)).email, str.casefold)
        await deactivate_member(services, request.auth, member_id, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, member_id, form.refused(error))
    return see_other(with_query(f"{PEOPLE_PATH}/{member_id}", done="off"))


@routes.post(PEOPLE_PATH + "/{member_id:str}/reactivate")
async def reactivate(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], member_id: MemberId
) -> Response[Any]:
    """The address is typed first."""
    try:
        require_typed(form, "email", (await get_member_settings(services, request.auth, member_id)).email, str.casefold)
        await reactivate_member(services, request.auth, member_id, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, member_id, form.refused(error))
    return see_other(with_query(f"{PEOPLE_PATH}/{member_id}", done="on"))


async def _show(request: ActorRequest, services: Services, member_id: str, form: Filled | None) -> Response[Any]:
    member = await get_member_settings(services, request.auth, member_id)
    roles = views.roles()
    shown, changes = on_page(form, views.filled(member), views.LABELS, {"role": roles})
    values = {
        "member": member,
        "part": "member",
        "roles": roles,
        "places": views.places(shown),
        "changes": changes,
    }
    return await page(request, services, "people/member.html", values, here="staff", form=shown, notes=NOTES)
