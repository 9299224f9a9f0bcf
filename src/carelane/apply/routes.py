"""/api/staff/settings/organization-file and what was changed since it was applied."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from carelane.apply.elsewhere.reads import check_file, list_changed_elsewhere
from carelane.apply.elsewhere.schemas import ChangedElsewhereOut, FileCheckIn, FileCheckOut
from carelane.apply.errors import InvalidFileError
from carelane.apply.export.reads import export_organization
from carelane.apply.export.schemas import OrganizationFileOut, SecretsMode
from carelane.apply.reading import MAX_FILE_BYTES
from carelane.services import Services
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: settings")


@routes.get("/settings/organization-file", "Export the organization file")
async def get_organization_file(
    request: ActorRequest,
    services: NamedDependency[Services],
    secrets: Annotated[
        SecretsMode,
        QueryParameter(description="`variables` names a variable for each secret, `none` leaves secrets out"),
    ] = "variables",
) -> OrganizationFileOut:
    """What the clinic is just now, as a file that `carelane apply` takes without a difference. No secret is in it."""
    refuse_unknown_filters(request, request.route_handler)
    return await export_organization(services, request.auth, with_secrets=secrets == "variables")


@routes.post(
    "/settings/organization-file/check",
    "Try an organization file",
    errors=(InvalidFileError,),
    # JSON may write each sign with a backslash.
    max_bytes=2 * MAX_FILE_BYTES,
)
async def check_organization_file(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[FileCheckIn]
) -> FileCheckOut:
    """What applying it would create, update and keep. Nothing is changed. Secrets that are variables are not looked at."""
    return await check_file(services, request.auth, data)


@routes.get("/settings/changed-elsewhere", "What was changed since the last apply")
async def get_changed_elsewhere(request: ActorRequest, services: NamedDependency[Services]) -> ChangedElsewhereOut:
    """Each field that stands otherwise than the organization file last applied it."""
    return await list_changed_elsewhere(services, request.auth)
