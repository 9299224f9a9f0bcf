"""`/console/cases/{case}`, its parts, and the forms on it that are about talk and files."""

import base64
import contextlib
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.case_detail.chart.reads import MOST_OLDER, MOST_ON_PAGE, get_page
from carelane.case_detail.files.actions import add_file
from carelane.case_detail.files.reads import open_file
from carelane.case_detail.files.schemas import SHOWN, CaseFileIn
from carelane.case_detail.timeline.reads import get_mark, list_timeline
from carelane.case_detail.timeline.schemas import TimelineQuery
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.actions import ask_patient, comment_on_case
from carelane.cases.review.schemas import AskIn, CommentIn
from carelane.console.cases import reads, views
from carelane.console.cases.changed import views as changed
from carelane.console.cases.timeline.views import lines
from carelane.console.drafts.routes import NEVER_KEPT
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, region, with_query
from carelane.documents.reads import Document
from carelane.drafts.actions import discard_draft, save_draft
from carelane.drafts.errors import RecordNotFoundError
from carelane.drafts.reads import find_saved_at
from carelane.drafts.schemas import DraftIn, DraftName
from carelane.kit.errors import FieldProblem, InvalidRequestError, RuleBrokenError
from carelane.kit.ids import parse_uuid
from carelane.kit.languages import N_, _
from carelane.services import Services
from carelane.templates.errors import TemplateNotFoundError
from carelane.templates.reads import fill_template
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.html.security import PAGE_HEADERS
from carelane.web.routes import ActorRequest, base_url

routes = PageRoutes()

CASES_PATH = "/console/cases"
CaseRef = Annotated[str, PathParameter(description="UUID or short id of the case")]
CaseId = Annotated[str, PathParameter(description="UUID of the case")]
# News of `?done=`; other folders with acts on the page add theirs.
NOTES: dict[str, str] = {
    "sent": N_("Your message was sent."),
    "asked": N_("Your question was sent. The case waits for the patient now."),
    "noted": N_("The note is kept. The patient does not see it."),
    "filed": N_("The file was added."),
}
# A file is opened in a tab of its own: nothing in it runs or loads anything. A sandbox would keep browsers from showing a PDF.
_FILE_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@routes.get(CASES_PATH + "/{case_id:str}")
async def get_case(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: CaseRef,
    whole: Annotated[str | None, QueryParameter(name="all", description="1: every answer and message")] = None,
) -> Response[Any]:
    """The whole case, in panes."""
    return await show_case(request, services, case_id, is_whole=whole == "1")


async def show_case(
    request: ActorRequest,
    services: Services,
    ref: str,
    form: Filled | None = None,
    *,
    is_whole: bool = False,
    summary_in: str = "chart",
) -> Response[Any]:
    """The page, or the page again with what is wrong with `form`; `summary_in` names the part that the form is in."""
    loaded = await reads.load_case(
        services, request.auth, ref, base_url(request, services), MOST_OLDER if is_whole else MOST_ON_PAGE
    )
    if form is not None and form.status == 409:
        form = changed.told(form, loaded.page, request.auth)
    shown = reads.filled(loaded.drafts, form)
    values = views.case_page(loaded, request.auth, is_whole=is_whole) | {
        "summary_in": summary_in,
        "since": changed.since(form, loaded.page, request.auth),
        "unsent": changed.unsent(shown, loaded.page),
    }
    return await page(request, services, "cases/case.html", values, here="queue", form=shown, notes=NOTES)


async def keep_typed(request: ActorRequest, services: Services, case_id: str, name: str, form: Form) -> None:
    """Somebody was faster: what was typed is still there tomorrow, when the script never saved it."""
    fields = {key: texts for key, texts in form.fields.items() if key not in NEVER_KEPT}
    with contextlib.suppress(RuleBrokenError, RecordNotFoundError):
        await save_draft(services, request.auth, DraftName("cases", id_of(case_id), name), DraftIn(fields=fields))


async def saved_before(request: ActorRequest, services: Services, case_id: str, name: str) -> datetime | None:
    """When the form was last saved before it is sent: for `discard_sent`."""
    return await find_saved_at(services, request.auth, DraftName("cases", id_of(case_id), name))


async def discard_sent(
    request: ActorRequest, services: Services, case_id: str, name: str, saved_at: datetime | None
) -> None:
    """The form was sent. What another window that came too late has kept meanwhile stays."""
    if saved_at is not None:
        await discard_draft(services, request.auth, DraftName("cases", id_of(case_id), name), saved_at)


@routes.get(CASES_PATH + "/{case_id:str}/talk")
async def get_talk(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: CaseId,
    part: Annotated[str | None, QueryParameter(name="part", description="`said` or `happened`")] = None,
) -> Response[Any]:
    """Messages or the timeline, when something happened to the case."""
    template = "cases/happened.html" if part == "happened" else "cases/said.html"
    mark = await get_mark(services, request.auth, case_id)

    async def load() -> dict[str, object]:
        found = await get_page(services, request.auth, case_id, base_url(request, services))
        return views.talk(found, request.auth, is_whole=False)

    return await region(request, services, template, load, mark=mark)


@routes.post(CASES_PATH + "/{case_id:str}/reply")
async def reply(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """A message, a question that the case then waits for, or a note."""
    act, text = form.get("act", "send"), {"text": form.get("text")}
    if act == "fill":
        return await _fill(request, services, form, case_id)
    saved_at = await saved_before(request, services, case_id, "reply")
    try:
        if act == "ask":
            await ask_patient(services, request.auth, case_id, form.read(AskIn), form.key(request))
        elif act in {"send", "note"}:
            body = form.read(CommentIn, isRestricted=act == "note", **text)
            await comment_on_case(services, request.auth, case_id, body, form.key(request))
        else:
            raise InvalidRequestError(problems=[FieldProblem("act", "expected ask, send or note")])
    except REFUSALS as error:
        if error.status == 409:
            await keep_typed(request, services, case_id, "reply", form)
        return await show_case(request, services, case_id, form.refused(error))
    await discard_sent(request, services, case_id, "reply", saved_at)
    return see_other(page_of(case_id, {"ask": "asked", "send": "sent", "note": "noted"}[act]) + "#talk")


async def _fill(request: ActorRequest, services: Services, form: Form, case_id: str) -> Response[Any]:
    """What the template says is added to what stands there. Nothing is sent."""
    try:
        filled = await fill_template(services, request.auth, form.get("replyTemplate"), case_id)
    except TemplateNotFoundError:
        gone = FieldProblem("replyTemplate", _("Choose a template that is still there."))
        return await show_case(request, services, case_id, form.refused(RuleBrokenError(problems=[gone])))
    parts = [part for part in (form.get("text").strip(), filled.content.text) if part]
    fields = form.fields | {"text": ["\n\n".join(parts)]}
    return await show_case(request, services, case_id, Filled(fields))


@routes.get(CASES_PATH + "/{case_id:str}/timeline")
async def get_timeline(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: CaseId,
    after: Annotated[str | None, QueryParameter(name="after", description="`next` of the page before")] = None,
) -> Response[Any]:
    """What happened, page by page."""
    found = await list_timeline(services, request.auth, case_id, TimelineQuery(after=after, limit=None))
    path = f"{CASES_PATH}/{id_of(case_id)}"
    values = {
        "path": path,
        "lines": lines(found.events, request.auth),
        "back": f"{path}/timeline" if after else None,
        "onward": with_query(f"{path}/timeline", after=found.next) if found.next else None,
    }
    return await page(request, services, "cases/timeline.html", values, here="queue")


@routes.post(CASES_PATH + "/{case_id:str}/files")
async def upload(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """One file, chosen or dropped."""
    file = form.file("file")
    try:
        if file is None or not file.content:
            raise InvalidRequestError(problems=[FieldProblem("file", _("Choose a file that is not empty first."))])
        body = {
            "name": file.name,
            "data": base64.b64encode(file.content).decode(),
            "mimeType": file.media_type.partition(";")[0].strip(),
            "isRestricted": bool(form.get("isRestricted")),
        }
        await add_file(services, request.auth, case_id, Form().read(CaseFileIn, **body), form.key(request))
    except REFUSALS as error:
        return await show_case(request, services, case_id, _about_file(form.refused(error)))
    return see_other(page_of(case_id, "filed") + "#files")


@routes.get(CASES_PATH + "/{case_id:str}/files/{file_id:str}")
async def get_file(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: CaseId,
    file_id: Annotated[str, PathParameter(description="UUID of the file")],
) -> Response[Any]:
    """The file itself: shown where browsers can show it safely, else saved."""
    document = await open_file(services, request.auth, case_id, file_id)
    return Response(document.content, media_type=document.content_type, headers=_file_headers(document))


def _file_headers(document: Document) -> dict[str, str]:
    kind = "inline" if document.content_type in SHOWN else "attachment"
    return PAGE_HEADERS | {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(document.name, safe='')}",
        "Content-Security-Policy": _FILE_POLICY,
    }


def _about_file(form: Filled) -> Filled:
    """All that can be wrong with a file is shown at the one field that there is."""
    told = [*form.problems.values()]
    return Filled({}, {"file": " ".join(told)} if told else {}, form.general, form.status, form.error)


def id_of(ref: str) -> UUID:
    found = parse_uuid(ref)
    if found is None:
        raise CaseNotFoundError
    return found


def page_of(case_id: str, done: str) -> str:
    return with_query(f"{CASES_PATH}/{id_of(case_id)}", done=done)
