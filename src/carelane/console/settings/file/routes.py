"""The organization file: downloaded, tried, and what was changed since it was applied."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.apply.elsewhere.reads import check_file, list_changed_elsewhere
from carelane.apply.elsewhere.schemas import FileCheckIn, FileCheckOut
from carelane.apply.errors import InvalidFileError
from carelane.apply.export.reads import export_organization
from carelane.apply.reading import MAX_FILE_BYTES
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import HEADERS, page
from carelane.console.settings.file import views
from carelane.console.settings.views import PATH, tabs
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.languages import _
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

FILE_PATH = f"{PATH}/file"
CHANGES_PATH = f"{PATH}/changes"
# With what is round the file, and a little more: of a file that is too long the page says so.
MAX_FORM_BYTES = MAX_FILE_BYTES + 65_536
# Of what is unchanged nobody asks; of the rest a page shows no more.
MAX_SHOWN = 200
_TOLD = (*REFUSALS, InvalidFileError)


@routes.get(FILE_PATH)
async def get_file_page(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """What is in it, what it needs and what it cannot say."""
    exported = await export_organization(services, request.auth)
    values = {"tabs": tabs("/file"), "exported": exported, "size": len(exported.text.encode())}
    return await page(request, services, "settings/file.html", values, here="settings")


@routes.get(f"{FILE_PATH}/download")
async def download(
    request: ActorRequest,
    services: NamedDependency[Services],
    secrets: Annotated[str | None, QueryParameter(description="`none` leaves secrets out")] = None,
) -> Response[Any]:
    """The file itself."""
    exported = await export_organization(services, request.auth, with_secrets=secrets != "none")
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{exported.tenant}.yaml"'}
    return Response(exported.text, media_type="application/yaml", headers=headers)


@routes.get(CHANGES_PATH)
async def get_changes(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """What stands otherwise than it was applied; and a file can be tried."""
    return await _show(request, services, None, None)


@routes.post(f"{CHANGES_PATH}/check", max_bytes=MAX_FORM_BYTES)
async def check(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """What applying the file would do. Nothing is done."""
    try:
        checked = await check_file(services, request.auth, _sent(form))
    except _TOLD as error:
        return await _show(request, services, form.refused(error), None)
    return await _show(request, services, None, checked)


def _sent(form: Form) -> FileCheckIn:
    """Raises InvalidRequestError."""
    file = form.file("file")
    if file is None or not file.content:
        raise InvalidRequestError(problems=[FieldProblem("file", _("Choose a file that is not empty first."))])
    try:
        return FileCheckIn(file=file.content.decode())
    except UnicodeDecodeError:
        raise InvalidRequestError(problems=[FieldProblem("file", _("Choose a text file in UTF-8."))]) from None


async def _show(
    request: ActorRequest, services: Services, form: Filled | None, checked: FileCheckOut | None
) -> Response[Any]:
    changed = await list_changed_elsewhere(services, request.auth)
    would = [one for one in checked.changes if one.action != "unchanged" or one.differences] if checked else []
    values = {
        "tabs": tabs("/changes"),
        "changed": changed,
        "records": changed.records[:MAX_SHOWN],
        "checked": checked,
        "would": would[:MAX_SHOWN],
        "left": max(0, len(would) - MAX_SHOWN),
        "counts": views.counted(checked) if checked else {},
        "kind_of": views.kind,
        "action_of": views.action,
        "value_of": views.value,
    }
    if form is not None and form.problems:
        # Places in the file are no fields of the page.
        told = [f"{name}: {text}" if name != "file" else text for name, text in form.problems.items()]
        form = Filled(form.fields, {"file": " · ".join(told)}, [], form.status, form.error)
    return await page(request, services, "settings/changes.html", values, here="settings", form=form)
