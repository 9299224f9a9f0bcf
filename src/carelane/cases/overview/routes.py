"""GET /api/v1/customer-latest-case-id."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.cases.errors import CaseNotFoundError, PatientNotNamedError
from carelane.cases.overview import reads
from carelane.cases.overview.schemas import LatestCaseAnswerOut, LatestCaseOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Cases")


@routes.get(
    "/customer-latest-case-id",
    "Get the id of a patient's latest case",
    errors=(PatientNotNamedError, CaseNotFoundError),
)
async def get_latest_case_id(
    request: ActorRequest,
    services: NamedDependency[Services],
    email: Annotated[str | None, QueryParameter(name="email", description="The patient's e-mail address")] = None,
    phone_number: Annotated[
        str | None, QueryParameter(name="phoneNumber", description="In E.164; looked at when there is no email")
    ] = None,
) -> LatestCaseAnswerOut:
    """The id of the newest case of whoever has the e-mail address, or the telephone number."""
    case_id = await reads.find_latest_id(services, request.auth, email, phone_number)
    return LatestCaseAnswerOut(case=LatestCaseOut(case_id))
