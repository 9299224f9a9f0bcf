"""`/console/catalog/forms`"""

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.console.catalog.access import require_changes
from carelane.console.catalog.forms import access, views
from carelane.console.catalog.forms.views import Draft
from carelane.console.catalog.routes import add_list, show_record
from carelane.console.catalog.schemas import Listing
from carelane.console.catalog.views import FORMS, sections, ticked, typed_in
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import differences, is_slower, shown_again
from carelane.forms.catalog.actions import change_form, create_form
from carelane.forms.catalog.reads import compare_versions, get_form, list_forms, list_versions
from carelane.forms.catalog.schemas import AskedFormIn, AskedFormOut
from carelane.forms.catalog.views import say_condition
from carelane.kit.us_addresses import STATES
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

FormId = Annotated[str, PathParameter(description="UUID of the form")]
Number = Annotated[str | None, QueryParameter(description="Number of a version")]


add_list(
    routes,
    Listing(
        kind=FORMS,
        list_records=list_forms,
        records=lambda found: found.forms,
        columns=views.columns,
        row=views.row,
    ),
)


@routes.get(f"{FORMS.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """With a place for the first question."""
    require_changes(request.auth, FORMS)
    return await _show(request, services, None, Filled(views.fields_of(None)), [Draft()])


@routes.post(f"{FORMS.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Makes it; or moves a question, or shows what a patient would see."""
    require_changes(request.auth, FORMS)
    drafts = views.drafts_of(form)
    if form.get("act", "save") != "save":
        return await _do(request, services, None, form, drafts)
    try:
        await create_form(services, request.auth, _body(form, drafts), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error), drafts)
    return see_other(with_query(FORMS.path, done="made"))


@routes.get(f"{FORMS.path}/{{form_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], form_id: FormId) -> Response[Any]:
    """All questions of the newest version, to be changed."""
    found = await get_form(services, request.auth, form_id)
    drafts = [views.draft_of(question) for question in found.questions]
    return await _show(request, services, found, Filled(views.fields_of(found)), drafts)


@routes.post(f"{FORMS.path}/{{form_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], form_id: FormId
) -> Response[Any]:
    """As a whole: a new version. Or moves a question, or shows what a patient would see; then nothing is saved."""
    require_changes(request.auth, FORMS)
    found = await get_form(services, request.auth, form_id)
    drafts = views.drafts_of(form)
    if form.get("act", "save") != "save":
        return await _do(request, services, found, form, drafts)
    try:
        access.require_editable(found)
        await change_form(services, request.auth, form_id, _body(form, drafts), form.key(request))
    except REFUSALS as error:
        is_different = bool(views.changed_questions(found, drafts))
        stands = Filled(views.fields_of(found))
        again = shown_again(form, error, stands, views.NAMES, is_different=is_different)
        return await _show(request, services, found, again, drafts)
    return see_other(with_query(f"{FORMS.path}/{form_id}", done="changed"))


@routes.get(f"{FORMS.path}/{{form_id:str}}/preview")
async def get_preview(request: ActorRequest, services: NamedDependency[Services], form_id: FormId) -> Response[Any]:
    """As a patient sees the newest version. Nothing is sent from there."""
    found = await get_form(services, request.auth, form_id)
    drafts = [views.draft_of(question) for question in found.questions]
    return await _preview(request, services, Filled(views.fields_of(found)), drafts, f"{FORMS.path}/{form_id}")


@routes.get(f"{FORMS.path}/{{form_id:str}}/versions")
async def get_versions(
    request: ActorRequest,
    services: NamedDependency[Services],
    form_id: FormId,
    before: Number = None,
    now: Number = None,
) -> Response[Any]:
    """All versions, and two of them held against each other: the last two unless others are picked."""
    found = await get_form(services, request.auth, form_id)
    versions = (await list_versions(services, request.auth, form_id)).versions
    numbers = [one.number for one in versions]
    pair = _number(before, numbers, 1), _number(now, numbers, 0)
    compared = await compare_versions(services, request.auth, form_id, *pair)
    values = {
        "kind": FORMS,
        "sections": sections(request.auth, FORMS),
        "found": found,
        "versions": versions,
        "compared": compared,
        "options": [(str(number), str(number)) for number in numbers],
    }
    chosen = Filled.of(before=compared.before, now=compared.now)
    return await page(request, services, "catalog/form_versions.html", values, here="catalog", form=chosen)


def _number(asked: str | None, numbers: list[int], place: int) -> int:
    """The version that was asked for, else the newest or the one before it."""
    known = {str(number): number for number in numbers}
    return known.get(asked or "", numbers[min(place, len(numbers) - 1)])


def _body(form: Form, drafts: list[Draft]) -> AskedFormIn:
    questions = [draft.body() for draft in drafts]
    return form.read(AskedFormIn, **ticked(form, "isActive", "showStepsIndividually"), questions=questions)


async def _do(
    request: ActorRequest, services: Services, found: AskedFormOut | None, form: Form, drafts: list[Draft]
) -> Response[Any]:
    """What saves nothing."""
    if form.get("act") == "preview":
        return await _preview(request, services, form, drafts, None)
    after, focus = views.moved(drafts, form.get("act"))
    return await _show(request, services, found, form, after, focus)


async def _show(
    request: ActorRequest,
    services: Services,
    found: AskedFormOut | None,
    form: Filled,
    drafts: list[Draft],
    focus: int | None = None,
) -> Response[Any]:
    changes = differences(form, Filled(views.fields_of(found)), views.NAMES)
    if found and is_slower(form):
        changes += views.changed_questions(found, drafts)
    flags, obstacle = access.flags_of(drafts), access.obstacle(found)
    values = {
        "may_change": obstacle is None and request.auth.may(FORMS.changes),
        "obstacle": obstacle,
        "number": found.number if found else 0,
        "drafts": drafts,
        "focus": focus,
        "types": views.types(),
        "earlier": [views.earlier(drafts, index) for index in range(len(drafts))],
        "findings": views.findings_of(drafts),
        "flags": flags,
        "hides_flags": access.hides_flags(drafts),
        "may_add": access.is_short([*drafts, Draft()]),
    }
    shown = msgspec.structs.replace(form, fields=views.filled(form.fields, drafts, flags))
    record = (str(found.id), found.name) if found else None
    return await show_record(request, services, FORMS, shown, values, record=record, changes=changes)


async def _preview(
    request: ActorRequest, services: Services, form: Filled, drafts: list[Draft], back: str | None
) -> Response[Any]:
    questions = [draft.asked() for draft in drafts]
    values = {
        "kind": FORMS,
        "name": form.get("name"),
        "description": form.get("description"),
        "back": back,
        "typed": typed_in(form),
        "questions": [(one, say_condition(one, questions)) for one in questions],
        "states": [(code, code) for code in STATES],
    }
    return await page(request, services, "catalog/form_preview.html", values, here="catalog", form=Filled())
