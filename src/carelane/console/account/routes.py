"""`/console/account` and the forms on it"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.access import LANGUAGE_COOKIE, PATH
from carelane.console.account import views
from carelane.console.forms import Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.signin.access import caller_at, token_of
from carelane.console.signin.views import qr_of, refused
from carelane.kit import languages
from carelane.kit.errors import RateLimitedError, RecordNotFoundError, RuleBrokenError, UnavailableError
from carelane.services import Services
from carelane.sessions.access import is_sent_over_tls
from carelane.sessions.errors import PasswordWrongError
from carelane.sessions.own.actions import choose_language, end_other_sessions, end_session
from carelane.sessions.own.reads import list_sessions
from carelane.sessions.passwords.actions import change_password
from carelane.sessions.passwords.schemas import PasswordIn
from carelane.sessions.second_factor.actions import begin_renewal, finish_renewal, renew_codes
from carelane.sessions.second_factor.errors import CodeWrongError, NothingPendingError
from carelane.sessions.second_factor.reads import get_protection, get_set_up
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

ACCOUNT_PATH = "/console/account"
SECOND_FACTOR_PATH = f"{ACCOUNT_PATH}/second-factor"
# What the page itself says; every other error has a page of its own.
_REFUSALS = (PasswordWrongError, RuleBrokenError, RateLimitedError, UnavailableError)

SessionId = Annotated[str, PathParameter(description="UUID of the session")]


@routes.get(ACCOUNT_PATH)
async def get_account(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """How it is protected, and where one is signed in."""
    return await _account(request, services, Filled())


async def _account(request: ActorRequest, services: Services, form: Filled) -> Response[Any]:
    form.fields.setdefault("language", [views.chosen(LANGUAGE_COOKIE.read(request))])
    values = {
        "languages": views.choices(),
        "protection": await get_protection(services, request.auth),
        "sessions": await list_sessions(services, request.auth, token_of(request)),
    }
    return await page(request, services, "account/account.html", values, here="account", form=form, notes=views.NOTES)


@routes.post(f"{ACCOUNT_PATH}/language")
async def choose(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Of the console in this browser, also at its door, and of mail to the member. Empty: that of the browser."""
    try:
        name = views.language_of(form)
    except RuleBrokenError as error:
        return await _account(request, services, refused(form, error))
    languages.speak(request.headers.get("accept-language", ""), name)
    await choose_language(services, request.auth, languages.language())
    answer, is_secure = (
        see_other(with_query(ACCOUNT_PATH, done="language")),
        is_sent_over_tls(request, services.settings),
    )
    kept = LANGUAGE_COOKIE.make(name, path=PATH, is_secure=is_secure)
    answer.cookies.append(kept if name else LANGUAGE_COOKIE.remove(path=PATH, is_secure=is_secure))
    return answer


@routes.post(f"{ACCOUNT_PATH}/password")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Other sessions end."""
    body = PasswordIn(current_password=form.get("currentPassword"), new_password=form.get("newPassword"))
    try:
        await change_password(services, request.auth, token_of(request), body, caller_at(request, services))
    except _REFUSALS as error:
        return await _account(request, services, refused(form, error))
    return see_other(with_query(ACCOUNT_PATH, done="password"))


@routes.post(SECOND_FACTOR_PATH)
async def begin(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """A new secret; the old one is good until a code of the new one was entered."""
    try:
        await begin_renewal(services, request.auth, form.get("password"), caller_at(request, services))
    except _REFUSALS as error:
        return await _account(request, services, views.refused_in(form, error, "factor"))
    return see_other(SECOND_FACTOR_PATH)


@routes.get(SECOND_FACTOR_PATH)
async def get_second_factor(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The new secret as a QR code, while it is being set up, and never again."""
    return await _second_factor(request, services, Filled())


async def _second_factor(request: ActorRequest, services: Services, form: Filled) -> Response[Any]:
    try:
        made = await get_set_up(services, request.auth)
    except NothingPendingError:
        return see_other(ACCOUNT_PATH)
    return await page(request, services, "account/second_factor.html", qr_of(made), here="account", form=form)


@routes.post(f"{SECOND_FACTOR_PATH}/finish")
async def finish(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Shows new recovery codes, this once; other sessions end."""
    try:
        made = await finish_renewal(services, request.auth, token_of(request), form.get("code"))
    except NothingPendingError:
        return see_other(ACCOUNT_PATH)
    except CodeWrongError as error:
        return await _second_factor(request, services, refused(form, error))
    return await page(request, services, "account/codes.html", {"codes": made.recovery_codes}, here="account")


@routes.post(f"{ACCOUNT_PATH}/recovery-codes")
async def make_codes(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Shows new recovery codes, this once; the ones before are good no more."""
    try:
        made = await renew_codes(services, request.auth, form.get("password"), caller_at(request, services))
    except NothingPendingError:
        return see_other(ACCOUNT_PATH)
    except _REFUSALS as error:
        return await _account(request, services, views.refused_in(form, error, "codes"))
    return await page(request, services, "account/codes.html", {"codes": made.recovery_codes}, here="account")


@routes.post(f"{ACCOUNT_PATH}/sessions/others/end")
async def end_others(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Everywhere but here."""
    await end_other_sessions(services, request.auth, token_of(request))
    return see_other(with_query(ACCOUNT_PATH, done="others"))


@routes.post(ACCOUNT_PATH + "/sessions/{session_id:str}/end")
async def end_one(request: ActorRequest, services: NamedDependency[Services], session_id: SessionId) -> Response[Any]:
    """One of one's own; one that is over already is what was wanted."""
    try:
        await end_session(services, request.auth, session_id)
    except RecordNotFoundError:
        return see_other(ACCOUNT_PATH)
    return see_other(with_query(ACCOUNT_PATH, done="session"))
