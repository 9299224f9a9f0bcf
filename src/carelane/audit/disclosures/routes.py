"""/api/staff/audit/patients/{id}/disclosures"""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.audit.disclosures import reads
from carelane.audit.disclosures.schemas import DisclosureQuery, DisclosuresOut
from carelane.audit.disclosures.views import to_csv
from carelane.audit.routes import Zone
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.routes import PatientRef
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: audit")

From = Annotated[
    str | None,
    QueryParameter(name="from", description="First day, such as 2026-11-01; without it six years before `to`"),
]
To = Annotated[str | None, QueryParameter(name="to", description="Last day; without it today")]

CSV_HEADERS = {"Content-Disposition": 'attachment; filename="disclosures.csv"', "Cache-Control": "no-store"}


@routes.get(
    "/audit/patients/{patient_id:str}/disclosures", "To whom a patient was disclosed", errors=(PatientNotFoundError,)
)
async def list_disclosures(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientRef,
    first: From = None,
    last: To = None,
    timezone: Zone = None,
) -> DisclosuresOut:
    """What was told of the patient to pharmacies, webhook endpoints, people by mail or text message, programs with a key, whoever held a
    shared link and the payment provider: a line for each day, recipient and kind. That it was read is recorded."""
    query = DisclosureQuery(first=first, last=last, timezone=timezone)
    return await reads.list_disclosures(services, request.auth, patient_id, query)


@routes.get(
    "/audit/patients/{patient_id:str}/disclosures.csv",
    "To whom a patient was disclosed, as CSV",
    errors=(PatientNotFoundError,),
    media_type="text/csv",
)
async def download_disclosures(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientRef,
    first: From = None,
    last: To = None,
    timezone: Zone = None,
) -> Response[str]:
    """The same, to be handed to the patient: not only the newest 200."""
    query = DisclosureQuery(first=first, last=last, timezone=timezone)
    report = await reads.export_disclosures(services, request.auth, patient_id, query)
    return Response(to_csv(report), media_type="text/csv", headers=CSV_HEADERS)
