"""What is round every page: the clinic, who is signed in, where one can go and how much waits there; and parts that refresh.

return await page(request, services, "queue/list.html", {"rows": rows}, here="queue")
return await region(request, services, "queue/rows.html", load)
"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment
from litestar import Request, Response
from markupsafe import Markup

from carelane.cases.review.queue.reads import count_to_decide
from carelane.console import icons, times
from carelane.console.access import VISIT_COOKIE, new_visit, token_for
from carelane.console.assets import ICON, SCRIPT, STYLES
from carelane.console.forms import Filled
from carelane.console.wording import patient_name
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.formatting import money_text
from carelane.kit.ids import uuid7
from carelane.kit.languages import N_
from carelane.kit.phi import Phi
from carelane.orders.board.reads import count_attention
from carelane.organizations import reads as organizations
from carelane.permissions import (
    AUDIT_READ,
    CASES_READ,
    CASES_WORK,
    CATALOG_READ,
    ORDERS_READ,
    ORGANIZATION_MANAGE,
    PAYMENTS_READ,
    REPORTS_READ,
    STAFF_MANAGE,
)
from carelane.services import Services
from carelane.staff import reads as staff
from carelane.web.html.cookies import is_secure
from carelane.web.html.pages import make_environment
from carelane.web.html.security import PAGE_HEADERS, STRICT_POLICY

Place = Literal[
    "home",
    "queue",
    "orders",
    "patients",
    "templates",
    "mails",
    "catalog",
    "staff",
    "account",
    "settings",
    "audit",
    "reports",
    "billing",
    "",
]
Count = Callable[[Services, Actor], Awaitable[int]]
AnyRequest = Request[Any, Any, Any]

# No address of ours is told elsewhere; within the console a page may know which one led to it.
HEADERS = PAGE_HEADERS | {"Content-Security-Policy": STRICT_POLICY, "Referrer-Policy": "same-origin"}
_TEMPLATES = Path(__file__).parent / "templates"
_SPRITE = "<!--icons-->"


class Link(msgspec.Struct, frozen=True):
    """One place to go. Whoever lacks `needs` does not see it; `count` says how much waits there, `of` what that is."""

    place: Place
    path: str
    text: str
    icon: str
    needs: str
    count: Count | None = None
    of: str = ""


NAV = (
    Link("home", "/console", N_("Home"), "home", ""),
    Link("queue", "/console/queue", N_("Queue"), "queue-list", CASES_READ, count_to_decide, N_("to decide")),
    Link("orders", "/console/orders", N_("Orders"), "truck", ORDERS_READ, count_attention, N_("need attention")),
    Link("patients", "/console/patients", N_("Patients"), "user-group", CASES_READ),
    Link("billing", "/console/billing", N_("Billing"), "banknotes", PAYMENTS_READ),
    Link("templates", "/console/templates", N_("Templates"), "document-duplicate", CASES_WORK),
    Link("catalog", "/console/catalog", N_("Catalog"), "rectangle-stack", CATALOG_READ),
    Link("mails", "/console/mails", N_("Mail"), "envelope", ORGANIZATION_MANAGE),
    Link("staff", "/console/people", N_("People"), "identification", STAFF_MANAGE),
    Link("reports", "/console/reports", N_("Reports"), "chart-bar", REPORTS_READ),
    Link("settings", "/console/settings", N_("Settings"), "cog-6-tooth", ORGANIZATION_MANAGE),
    Link("audit", "/console/audit", N_("Audit"), "finger-print", AUDIT_READ),
)


class View(msgspec.Struct, frozen=True):
    """A saved view: its name, where it leads, and how many are in it."""

    name: str
    path: str
    count: int | None = None


class Views(Phi, msgspec.Struct):
    """Who lists the saved views of the rail; set by the noun that has them."""

    list_mine: Callable[[Services, Actor], Awaitable[list[View]]] | None = None


MY_VIEWS = Views()


async def page(
    request: AnyRequest,
    services: Services,
    template: str,
    values: Mapping[str, object],
    *,
    here: Place = "",
    form: Filled | None = None,
    notes: Mapping[str, str] | None = None,
    status: int = 200,
    counted: Mapping[Place, int] | None = None,
) -> Response[str]:
    """A page with everything round it. `form` decides the status when it is shown again; `notes` says the news of `?done=`;
    `counted` is how much waits where, as far as the page has counted that itself."""
    round_it = await _round(request, services, here, counted or {})
    done = (notes or {}).get(request.query_params.get("done", ""))
    shown = form or Filled()
    html = render(
        template,
        {
            **round_it,
            **_of_forms(services, request),
            **values,
            "form": shown,
            "news": done,
        },
    )
    return _answer(html, shown.status if shown.problems or shown.general else status)


async def open_page(
    request: AnyRequest, services: Services, template: str, values: Mapping[str, object], form: Filled | None = None
) -> Response[str]:
    """A page for whoever has not signed in: nothing round it."""
    shown, visit = form or Filled(), None
    if token_for(services, request) is None:
        visit = new_visit()
    html = render(template, {**_of_forms(services, request, visit), **values, "form": shown, "news": None})
    answer = _answer(html, shown.status)
    if visit is not None:
        answer.cookies.append(
            VISIT_COOKIE.make(visit, path="/console", is_secure=is_secure(request, services.settings.public_url))
        )
    return answer


async def region(
    request: AnyRequest,
    services: Services,
    template: str,
    load: Callable[[], Awaitable[Mapping[str, object]]],
    *,
    mark: str | None = None,
) -> Response[str]:
    """A part of a page, which its script asks for again and again. While nothing happened, that costs one indexed read.

    What tells time in words is a minute old at most. A part about one record has a `mark` of its own, tells no such time, and is
    loaded only when something happened to the record: each load is a recorded read of it.
    """
    if mark is None:
        mark = f"{await organizations.get_mark(services, request.auth)}-{int(clock.now().timestamp()) // 60}"
    tag = f'"{mark}-{request.auth.id.hex[-8:]}-{SCRIPT.version}"'
    if request.headers.get("if-none-match") == tag:
        return Response("", status_code=304, headers=HEADERS | {"ETag": tag})
    html = render(template, {**_of_forms(services, request), **await load(), "form": Filled()})
    answer = _answer(html, 200)
    answer.headers["ETag"] = tag
    return answer


def render(template: str, values: Mapping[str, object]) -> str:
    """With the drawings of the icons that it shows: a page has a place for them, a part of one begins with them."""
    html = _environment().get_template(template).render(values)
    drawings = icons.sprite(html)
    return html.replace(_SPRITE, drawings, 1) if _SPRITE in html else drawings + html


def _answer(html: str, status: int) -> Response[str]:
    return Response(html, status_code=status, media_type="text/html", headers=dict(HEADERS))


def _of_forms(services: Services, request: AnyRequest, visit: str | None = None) -> dict[str, object]:
    return {"form_token": token_for(services, request, visit) or "", "new_key": lambda: uuid7().hex}


async def _round(
    request: AnyRequest, services: Services, here: Place, counted: Mapping[Place, int]
) -> dict[str, object]:
    actor: Actor = request.auth
    me = await staff.get_signed_in(services, actor)
    links = [link for link in NAV if not link.needs or actor.may(link.needs)]
    nav = [
        (link, counted[link.place] if link.place in counted else await _count(link, services, actor)) for link in links
    ]
    views = await MY_VIEWS.list_mine(services, actor) if MY_VIEWS.list_mine and actor.may(CASES_READ) else []
    return {"me": me, "nav": nav, "views": views, "here": here, "path": request.url.path, "may": actor.may}


async def _count(link: Link, services: Services, actor: Actor) -> int | None:
    return await link.count(services, actor) if link.count else None


def with_query(path: str, **changed: object) -> str:
    """The path with these query parameters; None leaves one out."""
    query = urlencode({name: value for name, value in changed.items() if value is not None}, doseq=True)
    return f"{path}?{query}" if query else path


def _initials(*names: str) -> str:
    return "".join(name[:1] for name in names if name).upper()[:2]


_made: list[Environment] = []


def _environment() -> Environment:
    """Made once, when the first page is asked for."""
    if not _made:
        environment = make_environment(
            _TEMPLATES,
            moment=times.moment,
            clock_time=times.clock_time,
            brief=times.brief,
            day=times.day,
            span=times.span,
            left=times.left,
            ago=times.ago,
            money=money_text,
        )
        environment.lstrip_blocks = True
        environment.globals |= {
            "icon": icons.icon,
            "initials": _initials,
            "with_query": with_query,
            "patient_name": patient_name,
            "tab_icon": lambda: ICON.url,
            "styles": lambda: STYLES.url,
            "script": lambda: SCRIPT.url,
            "Markup": Markup,
        }
        _made.append(environment)
    return _made[0]
