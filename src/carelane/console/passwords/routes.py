"""`/console/invitation/{token}`, `/console/forgot`, `/console/reset/{token}`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.access import PATH, SIGN_IN_PATH
from carelane.console.forms import Filled, Form
from carelane.console.frame import open_page, with_query
from carelane.console.signin import views
from carelane.console.signin.access import AnyRequest, caller_at, clinic_cookie, clinic_of
from carelane.console.signin.routes import let_in
from carelane.kit.errors import RateLimitedError, RuleBrokenError, UnavailableError
from carelane.services import Services
from carelane.sessions.invitations.errors import LinkOverError
from carelane.sessions.invitations.reads import get_link
from carelane.sessions.links.access import Kind
from carelane.sessions.passwords.actions import accept_invitation, ask_for_reset, reset_password
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes

routes = PageRoutes()

Token = Annotated[str, PathParameter(description="Token of a link")]


@routes.get("/console/invitation/{invitation_token:str}")
async def get_invitation(
    request: AnyRequest, services: NamedDependency[Services], invitation_token: Token
) -> Response[Any]:
    """Whose invitation it is, and a password to choose."""
    return await _choose(request, services, "INVITATION", invitation_token, Filled())


@routes.get("/console/reset/{reset_token:str}")
async def get_reset(request: AnyRequest, services: NamedDependency[Services], reset_token: Token) -> Response[Any]:
    """A password to choose."""
    return await _choose(request, services, "RESET", reset_token, Filled())


async def _choose(request: AnyRequest, services: Services, kind: Kind, token: str, form: Filled) -> Response[Any]:
    try:
        link = await get_link(services, kind, token)
    except LinkOverError as error:
        values = {"is_invitation": kind == "INVITATION"}
        return await open_page(request, services, "signin/over.html", values, Filled(status=error.status))
    answer = await open_page(request, services, "signin/choose.html", views.choose(link), form)
    # The address is the link: no proxy's log may find it beside what the page loads.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@routes.post("/console/invitation/{invitation_token:str}")
async def accept(
    request: AnyRequest, services: NamedDependency[Services], form: NamedDependency[Form], invitation_token: Token
) -> Response[Any]:
    """Sets the first password."""
    try:
        link = await get_link(services, "INVITATION", invitation_token)
        views.require_same(form)
        entered = await accept_invitation(
            services, invitation_token, form.get("password"), caller_at(request, services)
        )
    except (LinkOverError, RuleBrokenError, UnavailableError) as error:
        return await _choose(request, services, "INVITATION", invitation_token, views.refused(form, error))
    if entered is None:
        onward = see_other(with_query(SIGN_IN_PATH, done="chosen"))
    else:
        onward = await let_in(request, services, entered, PATH)
    onward.cookies.append(clinic_cookie(request, services, link.tenant))
    return onward


@routes.post("/console/reset/{reset_token:str}")
async def reset(
    request: AnyRequest, services: NamedDependency[Services], form: NamedDependency[Form], reset_token: Token
) -> Response[Any]:
    """Sets another password, and leads to the sign-in: the second factor is asked for as ever."""
    try:
        link = await get_link(services, "RESET", reset_token)
        views.require_same(form)
        await reset_password(services, reset_token, form.get("password"), caller_at(request, services))
    except (LinkOverError, RuleBrokenError, UnavailableError) as error:
        return await _choose(request, services, "RESET", reset_token, views.refused(form, error))
    onward = see_other(with_query(SIGN_IN_PATH, done="reset"))
    onward.cookies.append(clinic_cookie(request, services, link.tenant))
    return onward


@routes.get("/console/forgot")
async def get_forgot(request: AnyRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Where a link is asked for."""
    values = {"is_sent": request.query_params.get("done") == "sent"}
    return await open_page(request, services, "signin/forgot.html", values, Filled.of(tenant=clinic_of(request)))


@routes.post("/console/forgot")
async def forgot(
    request: AnyRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Sends a link to a member who is there; says the same of everybody."""
    tenant, email = form.get("tenant").strip().lower(), form.get("email").strip()
    try:
        await ask_for_reset(services, tenant, email, caller_at(request, services))
    except (RateLimitedError, UnavailableError) as error:
        return await open_page(request, services, "signin/forgot.html", {"is_sent": False}, views.refused(form, error))
    return see_other("/console/forgot?done=sent")
