"""The form by which a patient chooses the language of our pages."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from carelane.kit import languages
from carelane.kit.errors import InvalidRequestError
from carelane.services import Services
from carelane.web.html.cookies import is_secure
from carelane.web.html.forms import read_form
from carelane.web.html.languages import COOKIE, STEP, is_page
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes

_MAX_FIELDS = 5


def language_form(area: str) -> HTTPRouteHandler:
    """The form's address in one area of pages, such as `/q`."""
    routes = PageRoutes()

    async def choose_language(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> Response[Any]:
        form = await read_form(request, _MAX_FIELDS)
        name, page = form.get("language", ""), form.get("page", "")
        if not (languages.is_known(name) and is_page(page)):
            raise InvalidRequestError("expected a language and a page")
        root = urlsplit(services.settings.public_url or "").path.rstrip("/")
        answer = see_other(f"{root}{area}/{page}")
        secure = is_secure(request, services.settings.public_url)
        answer.cookies.append(COOKIE.make(name, path=f"{root}/", is_secure=secure))
        return answer

    return routes.post(f"{area}/{STEP}")(choose_language)
