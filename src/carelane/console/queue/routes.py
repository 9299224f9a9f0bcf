"""`/console/queue`"""

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from carelane.case_detail.chart.reads import count_flags
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.bulk.actions import act_on_cases
from carelane.cases.review.bulk.schemas import BulkIn
from carelane.cases.review.leases.actions import claim_next
from carelane.cases.review.leases.schemas import NextIn
from carelane.cases.review.queue import reads
from carelane.cases.review.queue.choices.reads import list_choices
from carelane.cases.review.queue.schemas import QueueQuery
from carelane.cases.review.visibility.reads import find_hidden
from carelane.console import frame
from carelane.console.filters import require_known
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.queue import views
from carelane.console.queue.empty.views import Empty, empty
from carelane.console.queue.views import PATH, Pairs, address
from carelane.console.wording import capped
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.permissions import CASES_DECIDE
from carelane.saved_views.actions import remove_view, save_view
from carelane.saved_views.reads import list_views
from carelane.saved_views.schemas import PARAMETERS, ViewIn, query_of
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_ROWS = "30"
# In the rail of every page.
_MOST_IN_RAIL = 6


async def _in_rail(services: Services, actor: Actor) -> list[frame.View]:
    found = await list_views(services, actor, _MOST_IN_RAIL)
    return [frame.View(view.name, f"{PATH}?{view.query}" if view.query else PATH, view.count) for view in found]


frame.MY_VIEWS.list_mine = _in_rail


@routes.get(PATH)
async def get_queue(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """What runs out first, on top."""
    return await _show(request, services)


@routes.get(f"{PATH}/rows")
async def get_rows(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The part of it that is asked for again."""
    return await frame.region(request, services, "queue/rows.html", lambda: _rows(request, services))


@routes.post(f"{PATH}/next")
async def take_next(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Deals a case and opens it."""
    dealt = await claim_next(services, request.auth, form.read(NextIn), form.key(request))
    if dealt.case_id is None:
        return see_other(_back(form, "nothing"))
    return see_other(f"/console/cases/{dealt.case_id}")


@routes.post(f"{PATH}/bulk")
async def act_on_many(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Tries it first: only the second form does anything. To take one case is done at once."""
    take = form.get("take")
    name, staff_id = views.staff_id_of(form.get("act")) if not take else ("assign", None)
    is_try = not take and form.get("do") != "true"
    more = {"act": name, "caseIds": [take] if take else form.all("caseIds"), "dryRun": is_try}
    try:
        body = form.read(BulkIn, **more, **({"staffId": staff_id} if staff_id is not None else {}))
        # A try is no act, and keeps no answer: the same form may be sent again.
        done = await act_on_cases(services, request.auth, body, None if is_try else form.key(request))
    except REFUSALS as error:
        return await _show(request, services, form.refused(error))
    if is_try or (take and done.cannot):
        return await _show(request, services, form, tried=views.outcome(done) | {"is_over": bool(take)})
    return see_other(_back(form, "taken" if take else "done"))


@routes.post(f"{PATH}/save")
async def save(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """A name for what is filtered for."""
    try:
        made = await save_view(services, request.auth, form.read(ViewIn, query=form.get("query")), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, form.refused(error))
    return see_other(f"{PATH}?{made.query}{'&' if made.query else ''}done=saved")


@routes.post(f"{PATH}/remove")
async def remove(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Takes the name away; no case changes."""
    # One that is gone already is what was wanted.
    with contextlib.suppress(RecordNotFoundError):
        await remove_view(services, request.auth, form.get("viewId"))
    return see_other(_back(form, "removed"))


def _asked(request: ActorRequest, form: Filled | None) -> Pairs:
    """The filters in the address, or in the form that was sent; without any, what the reader may decide. Raises InvalidRequestError for one that is none."""
    require_known(request, PARAMETERS, several=("status",), beside=("why",))
    sent = [(name, text) for name, text in request.query_params.multi_items() if text and name in PARAMETERS]
    return (_kept(form) if form else sent) or (views.FITS if request.auth.may(CASES_DECIDE) else views.EVERYONE)


def _kept(form: Filled) -> Pairs:
    return [(name, text) for name, text in parse_qsl(form.get("filters")) if name in PARAMETERS]


def _back(form: Filled, done: str) -> str:
    """To the same filters, which stand in the form."""
    return address(_kept(form), done=done)


def _query(request: ActorRequest, pairs: Pairs) -> QueueQuery:
    after = request.query_params.get("after") or None
    return msgspec.structs.replace(query_of(pairs), after=after, limit=_ROWS)


async def _rows(request: ActorRequest, services: Services, form: Filled | None = None) -> Mapping[str, object]:
    pairs = _asked(request, form)
    query = _query(request, pairs)
    listed, count = await reads.list_and_count(services, request.auth, query, views.midnight())
    return {
        "bands": views.bands(listed.cases, count),
        "flags": await count_flags(services, request.auth, [case.id for case in listed.cases]),
        "shown": len(listed.cases),
        "total": capped(count.total),
        "onward": address(pairs, after=listed.next) if listed.next else None,
        "back": address(pairs) if query.after else None,
        "person": views.person,
        "due": views.due,
        "words": views.STATUSES,
        "my_id": request.auth.id,
        "may_decide": request.auth.may(CASES_DECIDE),
        "picked": form.all("caseIds") if form else (),
        "empty": None if listed.cases else await _empty(request, services, pairs, is_further=bool(query.after)),
    }


async def _empty(request: ActorRequest, services: Services, pairs: Pairs, *, is_further: bool) -> Empty:
    counts = await reads.count_views(services, request.auth)
    choices = await list_choices(services, request.auth)
    return empty(counts, views.choices(choices, request.auth), pairs, is_further=is_further)


async def _show(
    request: ActorRequest, services: Services, form: Filled | None = None, tried: object = None
) -> Response[Any]:
    pairs = _asked(request, form)
    counts = await reads.count_views(services, request.auth)
    saved = await list_views(services, request.auth)
    choices = await list_choices(services, request.auth)
    values = {
        **await _rows(request, services, form),
        **views.choices(choices, request.auth),
        "tabs": views.tabs(counts, saved, pairs, request.auth),
        "counts": counts,
        "saved": saved,
        "filters": dict.fromkeys(PARAMETERS, "") | dict(pairs),
        "query": address(pairs, "").removeprefix("?"),
        "src": address(pairs, f"{PATH}/rows", after=request.query_params.get("after") or None),
        "tried": tried,
        "why": await _why(request, services, pairs),
    }
    return await frame.page(request, services, "queue/queue.html", values, here="queue", form=form, notes=views.NOTES)


async def _why(request: ActorRequest, services: Services, pairs: Pairs) -> dict[str, object] | None:
    ref = request.query_params.get("why", "").strip()
    if not ref:
        return None
    try:
        case, reasons = await find_hidden(services, request.auth, ref, query_of(pairs))
    except CaseNotFoundError:
        return {"ref": ref, **views.missing(ref)}
    return {"ref": ref, **views.hidden(case.short_id, reasons)}
