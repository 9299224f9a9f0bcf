"""Pages for people without an account. Every answer, errors included, is HTML that no cache may keep."""

from typing import Any

import structlog
from litestar import Request, Response, Router

from carelane.bills.page.routes import routes as bill_page
from carelane.bills.proof.access import PATH as BILL_PATH
from carelane.bills.receipt_page.routes import routes as receipt_page
from carelane.calendar.access import PATH as CALENDAR_PATH
from carelane.calendar.page.routes import routes as calendar_pages
from carelane.kit.errors import CarelaneError
from carelane.kit.languages import N_, _
from carelane.payments.links.access import PATH as PAYMENT_PATH
from carelane.payments.page.routes import routes as payment_page
from carelane.quotes.page.access import PATH, base_path
from carelane.quotes.page.routes import PAGES
from carelane.quotes.page.routes import routes as quote_page
from carelane.services import Services
from carelane.web.errors import error_headers, to_ours, where_raised
from carelane.web.html.choosing import language_form
from carelane.web.html.languages import hear, listen
from carelane.web.html.pages import notice
from carelane.web.parameters import refuse_unknown

# All addresses under these, including those that lead nowhere.
PREFIXES = (f"{PATH}/", f"{CALENDAR_PATH}/", f"{PAYMENT_PATH}/", f"{BILL_PATH}/")
# A message of the patient's in any script, and the form around it.
MAX_BODY_BYTES = 65_536

# Whatever went wrong, in words for a patient.
_ERRORS = {
    400: (N_("That did not work"), N_("What was sent cannot be read. Go back and try again.")),
    403: (
        N_("That did not work"),
        N_("What was sent did not come from our page. Open the link in your message again."),
    ),
    404: (N_("This link leads nowhere"), N_("Check that all of it was copied, or open it from the message you got.")),
    405: (N_("That did not work"), N_("Open the link from the message you got.")),
    413: (N_("That was too long"), N_("Go back, shorten your message and try again.")),
    500: (N_("Something went wrong on our side"), N_("Try again in a few minutes.")),
    503: (N_("We cannot answer just now"), N_("Try again in a minute.")),
}

log = structlog.get_logger()


def answer_error(request: Request[Any, Any, Any], raised: Exception) -> Response[str]:
    """The exception handler of the pages."""
    error, request_id = to_ours(raised, request), request.scope.get("state", {}).get("request_id")
    if error.status >= 500:
        log.error("request_failed", error=type(raised).__name__, where=where_raised(raised), request_id=request_id)
    listen(request)
    services: Services = request.app.state.services
    answer = _error_page(base_path(services.settings.public_url), error, request_id)
    answer.headers.update(error_headers(raised))
    return answer


def _error_page(base: str, error: CarelaneError, request_id: str | None) -> Response[str]:
    title, *paragraphs = (_(text) for text in _ERRORS.get(error.status, _ERRORS[500]))
    if error.status >= 500 and request_id:
        said = _("If you call the clinic about it, say this number: %(number)s")
        paragraphs.append(said % {"number": request_id})
    return PAGES.render(base, notice(error.status, title, *paragraphs))


def router() -> Router:
    return Router(
        "/",
        route_handlers=[
            *quote_page.handlers,
            *calendar_pages.handlers,
            *payment_page.handlers,
            *bill_page.handlers,
            *receipt_page.handlers,
            *(language_form(area) for area in (PATH, CALENDAR_PATH, PAYMENT_PATH, BILL_PATH)),
        ],
        guards=[hear, refuse_unknown],
        exception_handlers={Exception: answer_error},
        request_max_body_size=MAX_BODY_BYTES,
    )
