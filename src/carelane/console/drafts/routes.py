"""`POST /console/drafts`: the form as it stands, with the name `draft`: `cases/<id>/reply`."""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.console.forms import Form
from carelane.console.frame import HEADERS
from carelane.drafts.actions import discard_draft, save_draft
from carelane.drafts.schemas import DraftIn, parse_name
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

NAME_FIELD = "draft"
# Each page has its own of these.
NEVER_KEPT = {NAME_FIELD, "request_key", "version", "seen", "act"}
_PARTS = 3


@routes.post("/console/drafts")
async def keep_draft(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Nothing typed is no draft."""
    parts = form.get(NAME_FIELD).split("/")
    if len(parts) != _PARTS:
        raise InvalidRequestError(problems=[FieldProblem(NAME_FIELD, "expected the name of a record's form")])
    name = parse_name(*parts)
    fields = {key: texts for key, texts in form.fields.items() if key not in NEVER_KEPT}
    if any(text.strip() for texts in fields.values() for text in texts):
        await save_draft(services, request.auth, name, DraftIn(fields=fields))
    else:
        await discard_draft(services, request.auth, name)
    return Response("", status_code=200, media_type="text/html", headers=dict(HEADERS))
