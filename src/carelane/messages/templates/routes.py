"""/api/staff/mail-templates: an organization's own words for the mail that patients get."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.messages.templates import actions, reads
from carelane.messages.templates.schemas import (
    KINDS,
    MailTemplateIn,
    MailTemplateOut,
    MailTemplatesOut,
    MailWordsIn,
    PreviewOut,
)
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: mail templates")

_ONE = "/mail-templates/{kind:str}/{language:str}"
MailKindRef = Annotated[str, PathParameter(description=f"One of {', '.join(KINDS)}")]
LanguageRef = Annotated[str, PathParameter(description="Such as `en` or `es`")]


@routes.get("/mail-templates", "List mail templates")
async def list_mail_templates(request: ActorRequest, services: NamedDependency[Services]) -> MailTemplatesOut:
    """Each kind of mail in each language, with the organization's words, or ours where it has none."""
    return await reads.list_mail_templates(services, request.auth)


@routes.get(_ONE, "Get a mail template", errors=(RecordNotFoundError,))
async def get_mail_template(
    request: ActorRequest, services: NamedDependency[Services], kind: MailKindRef, language: LanguageRef
) -> MailTemplateOut:
    """One kind in one language."""
    return await reads.get_mail_template(services, request.auth, kind, language)


@routes.put(_ONE, "Change a mail template", errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError))
async def change_mail_template(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: MailKindRef,
    language: LanguageRef,
    data: JSONBody[MailTemplateIn],
) -> MailTemplateOut:
    """As a whole. Mail that leaves from now on is worded so."""
    return await actions.change_mail_template(services, request.auth, kind, language, data, await read_key(request))


@routes.post(f"{_ONE}/reset", "Go back to our own words", errors=(RecordNotFoundError,), repeatable=True)
async def reset_mail_template(
    request: ActorRequest, services: NamedDependency[Services], kind: MailKindRef, language: LanguageRef
) -> MailTemplateOut:
    """The organization's words are gone."""
    return await actions.reset_mail_template(services, request.auth, kind, language, await read_key(request))


@routes.post(f"{_ONE}/preview", "Preview a mail", errors=(RecordNotFoundError, RuleBrokenError))
async def preview_mail(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: MailKindRef,
    language: LanguageRef,
    data: JSONBody[MailWordsIn],
) -> PreviewOut:
    """With made-up values. Nothing is kept."""
    return await reads.preview_mail(services, request.auth, kind, language, data)
