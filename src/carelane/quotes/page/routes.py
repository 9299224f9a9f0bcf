"""/q/{token}: the patient's page. The link is the credential; a forged one costs no question to the database.

Nobody but who has the link can send its forms: their addresses hold the token, which no other page knows, since no address
of ours is told to anybody (Referrer-Policy). Where an identity is asked for, the cookie that proves it is not sent along with
what another site's page sends (SameSite=Lax); and a browser that says a form comes from another site is refused.
"""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.kit.errors import InvalidRequestError, RecordNotFoundError
from carelane.quotes.actions import Answer
from carelane.quotes.links import PATH, QuoteLink, base_path
from carelane.quotes.links import read as read_link
from carelane.quotes.page import actions, passes, rendering
from carelane.quotes.page.actions import Sight
from carelane.quotes.page.errors import ForeignFormError
from carelane.services import Services

MAX_FIELDS = 20
MAX_MESSAGE_CHARACTERS = 2_000
STYLES_SECONDS = 86_400
_FORM = "application/x-www-form-urlencoded"
_CHANGED = "The clinic has changed this quote since you opened it. Please read it again before you answer."
_ANSWERS: dict[str, Answer] = {"accept": "ACCEPTED", "decline": "DECLINED"}

PageRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="From the message that the patient got")]


@get(f"{PATH}/page.css", include_in_schema=False, sync_to_thread=False)
def get_styles() -> Response[str]:
    headers = rendering.HEADERS | {"Cache-Control": f"public, max-age={STYLES_SECONDS}"}
    return Response(rendering.styles(), media_type="text/css", headers=headers)


@get(f"{PATH}/{{token:str}}", include_in_schema=False)
async def show_page(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[str]:
    _, seen = await _look(request, services, token)
    return rendering.sight(_base(services), token, seen)


@post(f"{PATH}/{{token:str}}/verify", include_in_schema=False, status_code=200)
async def verify(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """The right answers are rewarded with a cookie for this link; wrong ones are counted."""
    form = await _read_form(request)
    link, seen = await _look(request, services, token)
    if seen.kind != "verify":
        return _see_page(services, token)
    checked = await actions.verify(services, link, form, seen.row)
    if checked.outcome == "right":
        answer = _see_page(services, token)
        answer.set_cookie(
            key=passes.COOKIE,
            value=passes.issue(services.quote_link_key, link),
            max_age=passes.LIFETIME_SECONDS,
            path=f"{_base(services)}/{token}",
            httponly=True,
            samesite="lax",
            secure=_is_secure(request, services),
        )
        return answer
    if checked.outcome == "locked":
        _, seen = await _look(request, services, token)
        return rendering.sight(_base(services), token, seen)
    return rendering.sight(_base(services), token, seen, message=checked.message, status=422)


@post(f"{PATH}/{{token:str}}/respond", include_in_schema=False, status_code=200)
async def respond(request: PageRequest, services: NamedDependency[Services], token: Token) -> Response[Any]:
    """Accepts or declines what the reader saw; if it is no longer that, shows it anew and nothing is done."""
    form = await _read_form(request)
    link, seen = await _look(request, services, token)
    if seen.kind in {"ended", "answered"}:
        return rendering.sight(_base(services), token, seen, status=409)
    if seen.kind != "open":
        return _see_page(services, token)
    given, message, revision = _read_answer(form)
    request_id = request.scope["state"].get("request_id")
    if await actions.answer(services, link, seen.row, given, message, revision, request_id):
        return _see_page(services, token)
    _, seen = await _look(request, services, token)
    text = _CHANGED if seen.kind == "open" else ""
    return rendering.sight(_base(services), token, seen, message=text, draft=message or "", status=409)


ROUTES = [get_styles, show_page, verify, respond]


async def _look(request: PageRequest, services: Services, token: str) -> tuple[QuoteLink, Sight]:
    """Raises RecordNotFoundError for a link that is not ours."""
    link = read_link(services.quote_link_key, token)
    if link is None:
        raise RecordNotFoundError
    presented = request.cookies.get(passes.COOKIE)
    is_verified = passes.is_good(services.quote_link_key, link, presented)
    seen = await actions.look(services, link, request.scope["state"].get("request_id"), is_verified=is_verified)
    if seen is None:
        raise RecordNotFoundError
    return link, seen


async def _read_form(request: PageRequest) -> dict[str, str]:
    """Raises ForeignFormError, and InvalidRequestError for what no form of ours sends."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignFormError
    body = await request.body()
    if not request.headers.get("Content-Type", "").startswith(_FORM):
        raise InvalidRequestError("expected a form")
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidRequestError("expected a form in UTF-8") from error
    return dict(fields)


def _read_answer(form: dict[str, str]) -> tuple[Answer, str | None, int]:
    given, revision = _ANSWERS.get(form.get("answer", "")), form.get("revision", "")
    # As the browser counts for maxlength: it sends each line's end as two characters.
    message = form.get("message", "").replace("\r\n", "\n")
    is_number = revision.isascii() and revision.isdigit() and len(revision) <= 9
    if given is None or not is_number or len(message) > MAX_MESSAGE_CHARACTERS:
        raise InvalidRequestError("expected an answer, the revision, and no more than a message")
    return given, message.replace("\0", "").strip() or None, int(revision)


def _see_page(services: Services, token: str) -> Response[str]:
    """Back to the page, so that loading it again sends nothing again."""
    headers = rendering.HEADERS | {"Location": f"{_base(services)}/{token}"}
    return Response("", status_code=303, media_type="text/html", headers=headers)


def _base(services: Services) -> str:
    return base_path(services.settings.public_url)


def _is_secure(request: PageRequest, services: Services) -> bool:
    return (services.settings.public_url or str(request.base_url)).startswith("https:")
