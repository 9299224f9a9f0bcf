"""`/console/billing/exports`, and the file"""

from datetime import date, timedelta
from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.response import Stream

from carelane.console import times
from carelane.console.billing.views import PATH, Asked, Filter, frame_of, one_of
from carelane.console.filters import filters_of
from carelane.console.frame import HEADERS, page, with_query
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.languages import N_, _
from carelane.payments.exports import reads
from carelane.payments.exports.access import span_of
from carelane.payments.exports.schemas import ExportKind
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_PATH = f"{PATH}/exports"
_KINDS: dict[ExportKind, str] = {
    "charges": N_("Charges"),
    "payments": N_("Payments"),
    "refunds": N_("Refunds"),
    "ledger": N_("Ledger"),
}
_USUAL_DAYS = 30


@routes.get(_PATH)
async def get_exports(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Which, of which days; and how many rows that would be."""
    asked = filters_of(request, "kind", "from", "until")
    kind: ExportKind = one_of(asked, "kind", _KINDS) or "charges"
    first, last = _days(asked)
    found = await reads.count_export(services, request.auth, kind, span_of(first, last, times.zone_name()))
    fields = [
        Filter(name="kind", label=_("What"), value=kind, options=[(code, _(text)) for code, text in _KINDS.items()]),
        Filter(name="from", label=_("From"), value=first.isoformat(), kind="date"),
        Filter(name="until", label=_("Until"), value=last.isoformat(), kind="date"),
    ]
    values = frame_of(request.auth, "exports", fields, asked) | {
        "what": _(_KINDS[kind]),
        "first": first,
        "last": last,
        "count": found,
        "names_patients": kind in {"charges", "payments"},
        "file": with_query(f"{_PATH}/file", kind=kind, **{"from": first.isoformat(), "until": last.isoformat()}),
    }
    return await page(request, services, "billing/exports.html", values, here="billing")


@routes.get(f"{_PATH}/file")
async def get_file(request: ActorRequest, services: NamedDependency[Services]) -> Stream:
    """Sent as it is read, so that it begins at once."""
    asked = filters_of(request, "kind", "from", "until")
    kind: ExportKind = one_of(asked, "kind", _KINDS) or "charges"
    first, last = _days(asked)
    lines = await reads.begin_export(services, request.auth, kind, span_of(first, last, times.zone_name()))
    named = {"Content-Disposition": f'attachment; filename="{kind}-{first}-{last}.csv"'}
    return Stream(lines, media_type="text/csv; charset=utf-8", headers=HEADERS | named)


def _days(asked: Asked) -> tuple[date, date]:
    """The last thirty, where none were chosen. Raises InvalidRequestError."""
    try:
        last = date.fromisoformat(asked["until"]) if "until" in asked else times.this_day()
        first = date.fromisoformat(asked["from"]) if "from" in asked else last - timedelta(days=_USUAL_DAYS)
    except (ValueError, OverflowError):
        raise InvalidRequestError(
            problems=[FieldProblem("from", "expected days such as 2026-03-01", "query")]
        ) from None
    return first, last
