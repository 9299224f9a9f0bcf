"""/api/staff/billing/charges: charges in their own currency, with what happened to each."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.charges.desk import reads
from carelane.charges.desk.schemas import DeskChargeDetailOut, DeskChargesOut
from carelane.charges.schemas import ChargeFilters, ChargeStatus
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.names import fold_name
from carelane.services import Services
from carelane.web.paging import MAX_PAGE, page_of, ranges_of, word
from carelane.web.periods import FIRST_DAY, LAST_DAY, TZ, read_span
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: billing")

ChargeId = Annotated[str, PathParameter(description="Id of the charge")]
_RANGE = QueryParameter(description="Lowest and highest, in cents")


@routes.get("/billing/charges", "List charges, by pages")
async def list_desk_charges(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[ChargeStatus | None, QueryParameter(description="Those that stand there")] = None,
    patient_id: Annotated[str | None, word("Charges of one patient", "patientId")] = None,
    name: Annotated[str | None, word("A part of the patient's name")] = None,
    total: Annotated[list[int] | None, _RANGE] = None,
    outstanding: Annotated[list[int] | None, _RANGE] = None,
    first: Annotated[str | None, FIRST_DAY] = None,
    last: Annotated[str | None, LAST_DAY] = None,
    tz: Annotated[str | None, TZ] = None,
    page: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE, description="Which page, from 1")] = 1,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> DeskChargesOut:
    """Newest first. The read is on record."""
    span, ranges = read_span(first, last, tz), ranges_of({"total": total, "outstanding": outstanding})
    filters = ChargeFilters(
        statuses=[status] if status is not None else None,
        patient_id=record_id(request.auth.organization_id, patient_id) if patient_id is not None else None,
        patient_name=(fold_name(name) or name) if name is not None else None,
        total=ranges["total"],
        outstanding=ranges["outstanding"],
        created_from=span.begins_at,
        created_until=span.ends_at,
    )
    return await reads.list_desk_charges(services, request.auth, filters, page_of(page, limit))


@routes.get("/billing/charges/{charge_id:str}", "Get a charge", errors=(RecordNotFoundError,))
async def get_desk_charge(
    request: ActorRequest, services: NamedDependency[Services], charge_id: ChargeId
) -> DeskChargeDetailOut:
    """With lines, adjustments, tips, payments and instalments, and everything that happened to it. The read is on record."""
    return await reads.get_desk_charge(services, request.auth, charge_id)
