"""`/console/sign-in`, `/console/sign-out`, `/console/set-up`, and the demo's links."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.access import PATH, SIGN_IN_PATH, safe_next
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import open_page, with_query
from carelane.console.signin import views
from carelane.console.signin.access import (
    SET_UP_PATH,
    AnyRequest,
    caller_at,
    clinic_cookie,
    clinic_of,
    sent_by,
    session_cookies,
    ticket_cookie,
    ticket_of,
    token_of,
)
from carelane.kit.errors import RateLimitedError, UnavailableError
from carelane.services import Services
from carelane.sessions.access import COOKIE, is_sent_over_tls
from carelane.sessions.actions import SignedIn, WithoutSecondFactor, enter
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.one_click.access import is_good_here
from carelane.sessions.one_click.actions import sign_in_by_click
from carelane.sessions.own import actions as own
from carelane.sessions.second_factor.actions import finish_first
from carelane.sessions.second_factor.errors import CodeWrongError, NothingPendingError
from carelane.sessions.second_factor.reads import get_first_set_up
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

entry_routes = PageRoutes()
routes = PageRoutes()

Token = Annotated[str, PathParameter(description="Token of a link")]


@entry_routes.get(SIGN_IN_PATH)
async def get_sign_in(request: AnyRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The form. `clinic` and `next` may come with the link, `done` and `ended` say what happened before."""
    query = request.query_params
    filled = Filled.of(tenant=clinic_of(request), next=safe_next(query.get("next")))
    news = "ended" if "ended" in query else query.get("done")
    values = views.sign_in(filled, news, is_recovery="recovery" in query)
    return await open_page(request, services, "signin/sign_in.html", values, filled)


@entry_routes.post(SIGN_IN_PATH)
async def sign_in(
    request: AnyRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """A session, or the set-up of a second factor, and on to where one wanted to go."""
    try:
        sent = sent_by(form)
        entered = await enter(services, sent, caller_at(request, services))
    except (*REFUSALS, SignInRefusedError, RateLimitedError, UnavailableError) as error:
        shown = views.refused(form, error)
        values = views.sign_in(shown, None, is_recovery="recoveryCode" in form.fields)
        return await open_page(request, services, "signin/sign_in.html", values, shown)
    onward = await let_in(request, services, entered, safe_next(form.get("next")))
    onward.cookies.append(clinic_cookie(request, services, sent.tenant))
    return onward


async def let_in(
    request: AnyRequest, services: Services, entered: SignedIn | WithoutSecondFactor, path: str
) -> Response[Any]:
    if isinstance(entered, SignedIn):
        onward = see_other(path)
        onward.cookies += session_cookies(request, services, entered)
        return onward
    onward = see_other(with_query(SET_UP_PATH, next=path))
    onward.cookies.append(await ticket_cookie(request, services, entered))
    return onward


@entry_routes.get(SET_UP_PATH)
async def get_set_up(request: AnyRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The secret as a QR code, for who has a ticket: while it is being set up, and never again."""
    return await _set_up(request, services, Filled.of(next=safe_next(request.query_params.get("next"))))


async def _set_up(request: AnyRequest, services: Services, form: Filled) -> Response[Any]:
    ticket = ticket_of(request, services)
    try:
        made = await get_first_set_up(services, ticket) if ticket else None
    except NothingPendingError:
        made = None
    if made is None:
        return see_other(with_query(SIGN_IN_PATH, next=safe_next(form.get("next"))))
    return await open_page(request, services, "signin/set_up.html", views.qr_of(made), form)


@entry_routes.post(SET_UP_PATH)
async def finish_set_up(
    request: AnyRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """The first code: shows the recovery codes, this once, and signs in."""
    ticket, path = ticket_of(request, services), safe_next(form.get("next"))
    if ticket is None:
        return see_other(with_query(SIGN_IN_PATH, next=path))
    try:
        made = await finish_first(services, ticket, form.get("code"), caller_at(request, services))
    except CodeWrongError as error:
        return await _set_up(request, services, views.refused(form, error))
    except NothingPendingError:
        return see_other(with_query(SIGN_IN_PATH, next=path))
    values = {"codes": made.recovery_codes, "onward": path}
    answer = await open_page(request, services, "signin/codes.html", values)
    if made.signed_in is not None:
        answer.cookies += session_cookies(request, services, made.signed_in)
    return answer


@entry_routes.get("/console/demo/{demo_token:str}")
async def click(request: AnyRequest, services: NamedDependency[Services], demo_token: Token) -> Response[Any]:
    """Signs in as a member of the demo, on loopback; a link of a terminal cannot send a form."""
    here = is_good_here(request, services.settings)
    signed_in = await sign_in_by_click(services, demo_token, caller_at(request, services), is_good_here=here)
    onward = see_other(PATH)
    onward.cookies += session_cookies(request, services, signed_in)
    return onward


@routes.post("/console/sign-out")
async def sign_out(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Ends this session."""
    await own.sign_out(services, request.auth, token_of(request))
    leave = see_other(with_query(SIGN_IN_PATH, done="out"))
    leave.cookies.append(COOKIE.remove(path="/", is_secure=is_sent_over_tls(request, services.settings)))
    return leave
