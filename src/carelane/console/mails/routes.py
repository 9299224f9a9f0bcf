"""`/console/mails`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.mails import views
from carelane.console.mails.views import PATH, Shown
from carelane.console.meanwhile import differences, shown_again
from carelane.kit.languages import N_
from carelane.messages.templates.actions import change_mail_template, reset_mail_template
from carelane.messages.templates.reads import get_mail_template, list_mail_templates, preview_mail
from carelane.messages.templates.schemas import MailTemplateIn, MailTemplateOut, MailWordsIn
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_ONE = f"{PATH}/{{mail_kind:str}}/{{mail_language:str}}"
MailKindRef = Annotated[str, PathParameter(description="The kind of mail")]
LanguageRef = Annotated[str, PathParameter(description="Such as `es`")]
NOTES = {
    "saved": N_("The words are saved. Mail that leaves from now on says them."),
    "reset": N_("Our own words are back. Mail that leaves from now on says them."),
}


@routes.get(PATH)
async def get_list(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Each kind of mail in each language."""
    found = (await list_mail_templates(services, request.auth)).mail_templates
    values = {"found": [views.row(one) for one in found], "own": sum(not one.is_ours for one in found)}
    return await page(request, services, "mails/list.html", values, here="mails", notes=NOTES)


@routes.get(_ONE)
async def get_one(
    request: ActorRequest, services: NamedDependency[Services], mail_kind: MailKindRef, mail_language: LanguageRef
) -> Response[Any]:
    """The words of now, the clinic's or ours."""
    template = await get_mail_template(services, request.auth, mail_kind, mail_language)
    return await _show(request, services, template, views.fields_of(template))


@routes.post(f"{_ONE}/save")
async def save(
    request: ActorRequest,
    services: NamedDependency[Services],
    form: NamedDependency[Form],
    mail_kind: MailKindRef,
    mail_language: LanguageRef,
) -> Response[Any]:
    """Keeps the words; or shows what a mail would be."""
    template = await get_mail_template(services, request.auth, mail_kind, mail_language)
    try:
        if form.get("act") == "preview":
            words = form.read(MailWordsIn)
            preview = await preview_mail(services, request.auth, mail_kind, mail_language, words)
            return await _show(request, services, template, form, views.shown(preview))
        body = form.read(MailTemplateIn)
        await change_mail_template(services, request.auth, mail_kind, mail_language, body, form.key(request))
    except REFUSALS as error:
        again = shown_again(form, error, views.fields_of(template), views.NAMES)
        return await _show(request, services, template, again)
    return see_other(with_query(PATH, done="saved"))


@routes.post(f"{_ONE}/reset")
async def reset(
    request: ActorRequest,
    services: NamedDependency[Services],
    form: NamedDependency[Form],
    mail_kind: MailKindRef,
    mail_language: LanguageRef,
) -> Response[Any]:
    """Our own words again."""
    await reset_mail_template(services, request.auth, mail_kind, mail_language, form.key(request))
    return see_other(with_query(PATH, done="reset"))


async def _show(
    request: ActorRequest, services: Services, template: MailTemplateOut, form: Filled, preview: Shown | None = None
) -> Response[Any]:
    values = {
        "template": template,
        "name": views.kind_name(template.kind),
        "language_name": views.row(template).language,
        "path": f"{PATH}/{template.kind}/{template.language}",
        "variables": views.variables(template),
        "preview": preview,
        "changes": differences(form, views.fields_of(template), views.NAMES),
    }
    return await page(request, services, "mails/mail.html", values, here="mails", form=form, notes=NOTES)
