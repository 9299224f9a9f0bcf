"""`/console/templates`"""

from typing import Annotated, Any, get_args

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.cases.review.queue.choices.reads import list_choices
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.templating import views
from carelane.kit.languages import N_
from carelane.permissions import TEMPLATES_MANAGE
from carelane.services import Services
from carelane.staff.reads import get_signed_in
from carelane.templates.actions import archive_template, change_template, create_template
from carelane.templates.reads import get_template, list_templates
from carelane.templates.schemas import MAX_NAME_CHARACTERS, Kind, TemplateIn, TemplateOut
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PATH = "/console/templates"
ROWS = 50
TemplateId = Annotated[str, PathParameter(description="UUID of the template")]
NOTES = {
    "made": N_("The template is there. It can be picked in every case that it fits."),
    "changed": N_("The template is changed. What was written with it before stays as it is."),
    "removed": N_("The template is gone. What was written with it stays as it is."),
}


@routes.get(PATH)
async def get_list(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: Annotated[str | None, QueryParameter(name="kind", description="REPLY or DECISION")] = None,
    q: Annotated[
        str | None, QueryParameter(name="q", description="What the name, the text or a medicine holds")
    ] = None,
    begin: Annotated[str | None, QueryParameter(name="from", description="How many are left out")] = None,
) -> Response[Any]:
    """One's own first, then the clinic's; those that hold what is looked for."""
    known = _kind(kind)
    wanted = (q or "").replace("\0", "").strip()[:MAX_NAME_CHARACTERS]
    found = (await list_templates(services, request.auth, known, wanted or None, None)).templates
    at = int(begin) if begin and begin.isascii() and begin.isdigit() and len(begin) < 6 else 0
    address = {"kind": known, "q": wanted or None}
    values = {
        "found": [views.row(one) for one in found[at : at + ROWS]],
        "count": len(found),
        "wanted": wanted,
        "kind": known,
        "tabs": views.tabs(known, wanted),
        "back": with_query(PATH, **address) if at else None,
        "onward": with_query(PATH, **address, **{"from": at + ROWS}) if len(found) > at + ROWS else None,
    }
    return await page(request, services, "templates/list.html", values, here="templates", notes=NOTES)


@routes.get(f"{PATH}/new")
async def get_new(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: Annotated[str | None, QueryParameter(name="kind", description="REPLY or DECISION")] = None,
) -> Response[Any]:
    """An empty form."""
    return await _show(request, services, None, Filled.of(kind=_kind(kind) or "REPLY", scope="MINE"))


@routes.post(f"{PATH}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Makes it; or shows what it would say, or a place for one more medicine."""
    if form.get("act") in views.SHOWING:
        return await _show(request, services, None, form)
    try:
        await create_template(services, request.auth, form.read(TemplateIn), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(PATH, done="made"))


@routes.get(f"{PATH}/{{template_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], template_id: TemplateId) -> Response[Any]:
    """As it was written."""
    template = await get_template(services, request.auth, template_id)
    return await _show(request, services, template, Filled(views.fields_of(template)))


@routes.post(f"{PATH}/{{template_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], template_id: TemplateId
) -> Response[Any]:
    """As a whole."""
    template = await get_template(services, request.auth, template_id)
    if form.get("act") in views.SHOWING:
        return await _show(request, services, template, form)
    try:
        body = form.read(TemplateIn, kind=template.kind)
        await change_template(services, request.auth, template_id, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, template, form.refused(error))
    return see_other(with_query(PATH, done="changed"))


@routes.post(f"{PATH}/{{template_id:str}}/remove")
async def remove(request: ActorRequest, services: NamedDependency[Services], template_id: TemplateId) -> Response[Any]:
    """Nobody can pick it any more."""
    await archive_template(services, request.auth, template_id, None)
    return see_other(with_query(PATH, done="removed"))


def _kind(text: str | None) -> Kind | None:
    kinds: tuple[Kind, ...] = get_args(Kind)
    return next((kind for kind in kinds if kind == text), None)


async def _show(request: ActorRequest, services: Services, template: TemplateOut | None, form: Filled) -> Response[Any]:
    kind = template.kind if template is not None else _kind(form.get("kind")) or "REPLY"
    preview = None
    if form.get("act") == "preview":
        preview = views.preview(form, await get_signed_in(services, request.auth))
    may_manage = request.auth.may(TEMPLATES_MANAGE)
    values = {
        "template": template,
        "kind": kind,
        "may_change": template is None or template.scope == "MINE" or may_manage,
        "scopes": views.scopes(may_manage=may_manage or form.get("scope") == "CLINIC"),
        "products": views.products(await list_choices(services, request.auth)),
        "outcomes": views.outcomes(),
        "medicines": views.count_medicines(form),
        "kept": views.kept(form),
        "preview": preview,
    }
    return await page(request, services, "templates/template.html", values, here="templates", form=form, notes=NOTES)
