"""/api/staff/cases: the queue."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.cases.review.queue import reads
from carelane.cases.review.queue.schemas import MAX_PAGE_SIZE, PAGE_SIZE, WAITING, QueueOut, QueueQuery
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")

_BOOLEAN = "`true` or `false`"
Statuses = Annotated[
    list[str] | None, QueryParameter(name="status", description=f"May be repeated; without it {', '.join(WAITING)}")
]
AssignedTo = Annotated[
    str | None, QueryParameter(name="assignedTo", description="UUID of a member of staff, `me`, `none` or `anyone`")
]
IsEscalated = Annotated[str | None, QueryParameter(name="isEscalated", description=_BOOLEAN)]
IsArchived = Annotated[str | None, QueryParameter(name="isArchived", description=f"{_BOOLEAN}; without it `false`")]
AwaitingPatient = Annotated[str | None, QueryParameter(name="awaitingPatient", description=_BOOLEAN)]
Product = Annotated[str | None, QueryParameter(name="product", description="UUID of a product that is asked for")]
PatientState = Annotated[str | None, QueryParameter(name="state", description="The patient's state, such as CA")]
Fits = Annotated[
    str | None,
    QueryParameter(
        name="fitsMyLicense",
        description="`true`: cases that the caller may decide: the patient lives where the caller has a license that is good "
        "today, and nobody else has the case or looks after it",
    ),
]
ShortId = Annotated[str | None, QueryParameter(name="q", description="How the short id begins")]


@routes.get("/cases", "List cases: the queue")
async def list_cases(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Statuses = None,
    assigned_to: AssignedTo = None,
    is_escalated: IsEscalated = None,
    is_archived: IsArchived = None,
    awaiting_patient: AwaitingPatient = None,
    product: Product = None,
    patient_state: PatientState = None,
    fits_my_license: Fits = None,
    q: ShortId = None,
    after: Annotated[str | None, QueryParameter(name="after", description="`next` of the page before")] = None,
    limit: Annotated[
        str | None, QueryParameter(name="limit", description=f"1 to {MAX_PAGE_SIZE}; without it {PAGE_SIZE}")
    ] = None,
) -> QueueOut:
    """The clinic's cases, by what runs out first, as `dueAt` and `dueReason` say: the clinic's promise, the hold on the money, or
    the decision. Those that wait for the clinic, or what the filters say; what waits for the patient comes last."""
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
        after=after,
        limit=limit,
    )
    return await reads.list_cases(services, request.auth, query)
