"""Pages for people without an account: whatever is answered, errors included, is HTML and may be kept by nobody."""

from typing import Any

import structlog
from litestar import Request, Response, Router

from carelane.quotes.links import PATH, base_path
from carelane.quotes.page.rendering import error_page
from carelane.quotes.page.routes import ROUTES
from carelane.services import Services
from carelane.web.errors import error_headers, to_ours, where_raised

# All addresses that lie here, those that lead nowhere included.
PREFIX = f"{PATH}/"
# A message of the patient's in any script, and the form around it.
MAX_BODY_BYTES = 65_536

log = structlog.get_logger()


def answer_error(request: Request[Any, Any, Any], raised: Exception) -> Response[str]:
    """The exception handler of the pages."""
    error, request_id = to_ours(raised, request), request.scope.get("state", {}).get("request_id")
    if error.status >= 500:
        log.error("request_failed", error=type(raised).__name__, where=where_raised(raised), request_id=request_id)
    services: Services = request.app.state.services
    answer = error_page(base_path(services.settings.public_url), error, request_id)
    answer.headers.update(error_headers(raised))
    return answer


def router() -> Router:
    return Router(
        "/",
        route_handlers=ROUTES,
        exception_handlers={Exception: answer_error},
        request_max_body_size=MAX_BODY_BYTES,
    )
