"""From what is known to HTML. Everything that people wrote is escaped; nothing is loaded from anywhere but here."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response

from carelane.kit import clock
from carelane.kit.errors import CarelaneError
from carelane.kit.phi import Phi
from carelane.quotes.formatting import moment_text
from carelane.quotes.page import access
from carelane.quotes.page.actions import LOCKED_MINUTES, Sight
from carelane.quotes.page.queries import PageRow

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TEMPLATES = Path(__file__).parent / "templates"
_STATUSES: dict[access.Kind, int] = {"not_sent": 404, "ended": 410, "locked": 429}


class Door(Phi, msgspec.Struct, frozen=True):
    """What the form that asks who somebody is looks like."""

    asks_name: bool
    asks_birth: bool
    message: str


def page(template: str, status: int, **values: object) -> Response[str]:
    html = _environment().get_template(template).render(**values)
    return Response(html, status_code=status, media_type="text/html", headers=dict(HEADERS))


def notice(base: str, status: int, title: str, *paragraphs: str, clinic: str | None = None) -> Response[str]:
    return page("notice.html", status, title=title, paragraphs=paragraphs, clinic=clinic, styles=_styles_url(base))


def sight(
    base: str, token: str, seen: Sight, *, message: str = "", draft: str = "", status: int | None = None
) -> Response[str]:
    """The page as it is for this reader now. `base` is the path that our pages lie under; `message` stands on top; `draft` is
    what the patient had written to the clinic.
    """
    row, shown_status = seen.row, status or _STATUSES.get(seen.kind, 200)
    if seen.quote is not None:
        return page(
            "quote.html",
            shown_status,
            quote=seen.quote,
            clinic=row.organization_name,
            place=_place(row),
            message=message,
            draft=draft,
            can_answer=seen.kind == "open",
            action=f"{base}/{token}/respond",
            styles=_styles_url(base),
        )
    if seen.kind == "verify":
        return _door(base, token, row, message, shown_status)
    return _closed(base, seen, shown_status)


def _door(base: str, token: str, row: PageRow, message: str, status: int) -> Response[str]:
    known = access.known_of(row)
    return page(
        "verify.html",
        status,
        clinic=row.organization_name,
        door=Door(known.asks_name, known.asks_birth, message),
        action=f"{base}/{token}/verify",
        styles=_styles_url(base),
    )


def _closed(base: str, seen: Sight, status: int) -> Response[str]:
    row, now, call = seen.row, clock.now(), _call(seen.row)
    texts: dict[str, tuple[str, ...]] = {
        "not_sent": ("This quote is not ready yet", "The clinic is still working on it. You will get a message.", call),
        "ended": ("This quote is no longer open", access.ended_text(row, now), f"{call} They can make a new one."),
        "call": ("Please call the clinic", "We know too little to be sure that it is you who reads this.", call),
        "locked": ("Too many tries", _locked(row), call),
    }
    title, *paragraphs = texts[seen.kind]
    answer = notice(base, status, title, *paragraphs, clinic=row.organization_name)
    if seen.kind == "locked" and row.verification_unlocks_at is not None:
        seconds = max(1, int((row.verification_unlocks_at - now).total_seconds()))
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _locked(row: PageRow) -> str:
    if row.verification_unlocks_at is None:
        return f"For your safety this page is closed for {LOCKED_MINUTES} minutes."
    minutes = access.minutes_until(row.verification_unlocks_at, clock.now())
    until = moment_text(row.verification_unlocks_at, row.timezone)
    return f"For your safety this page is closed for {minutes} more minute{'' if minutes == 1 else 's'}, until {until}."


def _call(row: PageRow) -> str:
    phone = f" at {row.clinic_phone}" if row.clinic_phone else ""
    return f"If you have a question, call {row.organization_name}{phone}."


def _place(row: PageRow) -> str | None:
    parts = [part for part in (row.location_name, row.clinic_phone) if part]
    return " · ".join(parts) or None


def error_page(base: str, error: CarelaneError, request_id: str | None) -> Response[str]:
    """Whatever went wrong, in words for a patient."""
    title, text = _ERRORS.get(error.status, _ERRORS[500])
    paragraphs = [text]
    if error.status >= 500 and request_id:
        paragraphs.append(f"If you call the clinic about it, say this number: {request_id}")
    return notice(base, error.status, title, *paragraphs)


_ERRORS = {
    400: ("That did not work", "What was sent cannot be read. Go back and try again."),
    403: ("That did not work", "What was sent did not come from our page. Open the link in your message again."),
    404: ("This link leads nowhere", "Check that all of it was copied, or open it from the message you got."),
    405: ("That did not work", "Open the link from the message you got."),
    413: ("That was too long", "Go back, shorten your message and try again."),
    500: ("Something went wrong on our side", "Try again in a few minutes."),
    503: ("We cannot answer just now", "Try again in a minute."),
}


@cache
def styles() -> str:
    return (_TEMPLATES / "page.css").read_text()


def _styles_url(base: str) -> str:
    """Another address whenever the style sheet is another, so that it may be kept."""
    return f"{base}/page.css?v={sha256(styles().encode()).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
