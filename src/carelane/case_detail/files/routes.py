"""POST /api/staff/cases/{id}/files"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.case_detail.files import actions
from carelane.case_detail.files.schemas import CaseFileIn, CaseFileOut
from carelane.cases.errors import CaseClosedError, CaseNotFoundError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")


@routes.post(
    "/cases/{case_id:str}/files",
    "Add a file to a case",
    errors=(CaseNotFoundError, CaseClosedError),
    repeatable=True,
)
async def add_file(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
    data: JSONBody[CaseFileIn],
) -> CaseFileOut:
    """The patient sees it too, unless it is restricted. What it is shows in its first bytes, whatever `mimeType` says."""
    return await actions.add_file(services, request.auth, case_id, data, await read_key(request))
