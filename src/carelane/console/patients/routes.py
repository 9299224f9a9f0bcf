"""`/console/patients`, a patient's page, who saw it, and merging"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.patients import views
from carelane.kit.names import fold_name
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.listing.reads import ListQuery, list_patients
from carelane.patient_detail.reads import compare_patients, get_patient_detail
from carelane.patient_detail.seen.reads import SightQuery, list_sights
from carelane.patients.merging.actions import merge_patients, undo_merge
from carelane.patients.merging.errors import MergeNotFoundError, MergeRefusedError
from carelane.patients.merging.schemas import MergeIn
from carelane.search.reads import search
from carelane.search.schemas import SearchQuery
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PATIENTS_PATH = "/console/patients"
_ONE = PATIENTS_PATH + "/{patient_id:str}"
_REFUSALS = (*REFUSALS, MergeRefusedError, MergeNotFoundError, PatientNotFoundError)

PatientRef = Annotated[str, PathParameter(description="Id of the patient, ours or the storefront's")]
After = Annotated[str | None, QueryParameter(description="Where the page before ended")]


@routes.get(PATIENTS_PATH)
async def get_patients(
    request: ActorRequest, services: NamedDependency[Services], after: After = None
) -> Response[Any]:
    """The newest first."""
    found = await list_patients(services, request.auth, ListQuery(after=after))
    values = {**views.STATES, "patients": found.patients, "next": found.next, "after": after}
    return await page(request, services, "patients/list.html", values, here="patients")


@routes.get(_ONE)
async def get_patient(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> Response[Any]:
    """Everything that is known of one."""
    return await _show(request, services, patient_id)


async def _show(
    request: ActorRequest, services: Services, patient_id: str, form: Filled | None = None
) -> Response[Any]:
    record = await get_patient_detail(services, request.auth, patient_id, "")
    sights = await list_sights(services, request.auth, patient_id, SightQuery(limit=views.SIGHTS_SHOWN))
    values = views.record_page(record, sights, request.auth)
    return await page(request, services, "patients/patient.html", values, here="patients", form=form, notes=views.NOTES)


@routes.get(_ONE + "/seen")
async def get_sights(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef, after: After = None
) -> Response[Any]:
    """Who saw it, all of it."""
    record = await get_patient_detail(services, request.auth, patient_id, "")
    sights = await list_sights(services, request.auth, patient_id, SightQuery(after=after))
    values = views.record_page(record, sights, request.auth) | {"next": sights.next, "after": after}
    return await page(request, services, "patients/seen.html", values, here="patients")


@routes.get(_ONE + "/merge")
async def get_merge(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientRef,
    other: Annotated[str | None, QueryParameter(description="Id of the other record")] = None,
    q: Annotated[str, QueryParameter(description="Whom to look for", max_length=200)] = "",
) -> Response[Any]:
    """Two records side by side; or, without another one, which it may be."""
    return await _show_merge(request, services, patient_id, other, q)


async def _show_merge(
    request: ActorRequest,
    services: Services,
    patient_id: str,
    other_id: str | None,
    text: str = "",
    form: Filled | None = None,
) -> Response[Any]:
    one, other = await compare_patients(services, request.auth, patient_id, other_id, "")
    values: dict[str, object] = {
        "patient": one,
        "name": views.name_of(one),
        "line": views.person_line(one),
        "text": text,
        "other": None,
    }
    if other is not None:
        values |= {"other": other, "other_name": views.name_of(other), "rows": views.compared(one, other)}
    else:
        query = SearchQuery(text=text, kinds=frozenset({"patient"}))
        found = (await search(services, request.auth, query)).patients if text.strip() else []
        values["doubles"] = [(double.id, views.name_of(double), "") for double in one.doubles]
        values["found"] = [patient for patient in found if patient.id != one.id]
    return await page(request, services, "patients/merge.html", values, here="patients", form=form)


@routes.post(_ONE + "/merge")
async def merge(
    request: ActorRequest,
    services: NamedDependency[Services],
    form: NamedDependency[Form],
    patient_id: PatientRef,
) -> Response[Any]:
    """The other becomes a part of this one, once its name was typed."""
    try:
        body = form.read(MergeIn)
        _one, other = await compare_patients(services, request.auth, patient_id, body.other_id, "")
        # One that was merged already is left to the act, which says so, or that it was this form that did it.
        if other is not None and body.other_id in {str(other.id), other.reference}:
            require_typed(form, "name", views.name_of(other), fold_name)
        await merge_patients(services, request.auth, patient_id, body, form.key(request))
    except _REFUSALS as error:
        # Where there is no such other record, the page asks which one it is.
        other_id = None if isinstance(error, PatientNotFoundError) else form.get("otherId") or None
        return await _show_merge(request, services, patient_id, other_id, form=form.refused(error))
    return see_other(with_query(f"{PATIENTS_PATH}/{patient_id}", done="merged"))


@routes.post(_ONE + "/undo-merge")
async def undo(
    request: ActorRequest,
    services: NamedDependency[Services],
    form: NamedDependency[Form],
    patient_id: PatientRef,
) -> Response[Any]:
    """What had followed goes back."""
    try:
        await undo_merge(services, request.auth, form.get("mergeId"), form.key(request))
    except _REFUSALS as error:
        return await _show(request, services, patient_id, form.refused(error))
    return see_other(with_query(f"{PATIENTS_PATH}/{patient_id}", done="undone"))
