"""/api/staff/cases/{case}/visibility"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.queue.routes import (
    AssignedTo,
    AwaitingPatient,
    Fits,
    IsArchived,
    IsEscalated,
    PatientState,
    Product,
    ShortId,
    Statuses,
)
from carelane.cases.review.queue.schemas import QueueQuery
from carelane.cases.review.visibility import reads
from carelane.cases.review.visibility.why import VisibilityOut, show
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")

CaseRef = Annotated[str, PathParameter(description="UUID or short id of the case")]


@routes.get("/cases/{ref:str}/visibility", "Why do I (not) see a case?", errors=(CaseNotFoundError,))
async def explain_visibility(
    request: ActorRequest,
    services: NamedDependency[Services],
    ref: CaseRef,
    status: Statuses = None,
    assigned_to: AssignedTo = None,
    is_escalated: IsEscalated = None,
    is_archived: IsArchived = None,
    awaiting_patient: AwaitingPatient = None,
    product: Product = None,
    patient_state: PatientState = None,
    fits_my_license: Fits = None,
    q: ShortId = None,
) -> VisibilityOut:
    """Whether the case is in the list that these filters name, and everything that keeps it out."""
    query = QueueQuery(
        status=status,
        assigned_to=assigned_to,
        is_escalated=is_escalated,
        is_archived=is_archived,
        awaiting_patient=awaiting_patient,
        product=product,
        state=patient_state,
        fits_my_license=fits_my_license,
        q=q,
    )
    case, reasons = await reads.find_hidden(services, request.auth, ref, query)
    return show(case, reasons)
