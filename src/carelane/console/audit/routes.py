"""`/console/audit`"""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.response import Stream

from carelane.audit.disclosures.reads import export_disclosures, list_disclosures
from carelane.audit.disclosures.routes import CSV_HEADERS as DISCLOSURE_HEADERS
from carelane.audit.disclosures.schemas import DisclosureQuery
from carelane.audit.disclosures.views import to_csv
from carelane.audit.readers.reads import list_readers
from carelane.audit.reads import export_audit, list_actors, search_audit
from carelane.audit.routes import CSV_HEADERS
from carelane.audit.schemas import AuditOut, AuditQuery
from carelane.console import times
from carelane.console.audit import views
from carelane.console.filters import require_known
from carelane.console.forms import REFUSALS, Filled
from carelane.console.frame import HEADERS, page
from carelane.patient_detail.routes import PatientRef
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_OF_PATIENT = views.PATH + "/patients/{patient_id:str}"
_DAYS = ("from", "to")


@routes.get(views.PATH)
async def get_audit(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The newest first. Days are those of the reader's own time zone."""
    require_known(request, views.FILTERS)
    chosen, query = _asked(request)
    form = views.filled(chosen)
    try:
        found = await search_audit(services, request.auth, query)
    except REFUSALS as error:
        found, form = AuditOut(entries=[], next=None), _refused(form, error)
    actors = await list_actors(services, request.auth)
    values = views.audit_page(found, actors, chosen, query, request.auth)
    return await page(request, services, "audit/audit.html", values, here="audit", form=form)


@routes.get(f"{views.PATH}/export.csv")
async def get_export(request: ActorRequest, services: NamedDependency[Services]) -> Stream:
    """What the filters find, of a month unless they name the days."""
    require_known(request, views.FILTERS)
    _chosen, query = _asked(request)
    lines = await export_audit(services, request.auth, query)
    return Stream(lines, media_type="text/csv", headers=HEADERS | CSV_HEADERS)


@routes.get(_OF_PATIENT + "/disclosures")
async def get_disclosures(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> Response[Any]:
    """To whom anything of a patient was told in six years."""
    require_known(request, _DAYS)
    report = await list_disclosures(services, request.auth, patient_id, _days(request))
    form = Filled.of(**{"from": report.first_day, "to": report.last_day})
    return await page(
        request, services, "audit/disclosures.html", views.disclosures_page(report), here="audit", form=form
    )


@routes.get(_OF_PATIENT + "/disclosures.csv")
async def get_disclosures_file(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> Response[Any]:
    """The same, to be handed to the patient."""
    require_known(request, _DAYS)
    report = await export_disclosures(services, request.auth, patient_id, _days(request))
    return Response(to_csv(report), media_type="text/csv", headers=HEADERS | DISCLOSURE_HEADERS)


@routes.get(_OF_PATIENT + "/readers")
async def get_readers(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> Response[Any]:
    """Who may see a patient, and why."""
    found = await list_readers(services, request.auth, patient_id)
    return await page(request, services, "audit/readers.html", views.readers_page(found, request.auth), here="audit")


def _days(request: ActorRequest) -> DisclosureQuery:
    sent = request.query_params
    return DisclosureQuery(first=sent.get("from"), last=sent.get("to"), timezone=times.zone_name())


def _asked(request: ActorRequest) -> tuple[dict[str, str], AuditQuery]:
    sent = request.query_params
    chosen = {name: str(sent.get(name, "")).strip()[:200] for name in views.FILTERS}
    query = AuditQuery(
        actor=chosen["actor"] or None,
        record=chosen["record"] or None,
        act=chosen["act"] or None,
        first=chosen["from"] or None,
        last=chosen["to"] or None,
        timezone=times.zone_name(),
        after=sent.get("after"),
    )
    return chosen, query


def _refused(form: Filled, error: Any) -> Filled:
    """A bad filter stands beside its field."""
    return Filled(form.fields, {problem.field: problem.problem for problem in error.problems}, status=422, error=error)
