"""/api/staff/appointments: who missed one."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.calendar.desk import actions
from carelane.calendar.errors import AppointmentNotFoundError, AppointmentStateError
from carelane.calendar.schemas import AppointmentOut, NoShowIn
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Staff: appointments")

AppointmentId = Annotated[str, PathParameter(description="UUID of the appointment")]
_REFUSALS = (AppointmentNotFoundError, AppointmentStateError)


@routes.post(
    "/appointments/{appointment_id:str}/no-show", "Say who missed an appointment", errors=_REFUSALS, repeatable=True
)
async def mark_no_show(
    request: ActorRequest, services: NamedDependency[Services], appointment_id: AppointmentId, data: JSONBody[NoShowIn]
) -> AppointmentOut:
    """The patient (`USER`) or the clinician (`PROVIDER`) did not come to an appointment that has begun."""
    return await actions.mark_no_show(
        services, request.auth, appointment_id, data, await read_key(request), base_url(request, services)
    )


@routes.post(
    "/appointments/{appointment_id:str}/remove-no-show",
    "Say that nobody missed an appointment",
    errors=_REFUSALS,
    repeatable=True,
)
async def remove_no_show(
    request: ActorRequest, services: NamedDependency[Services], appointment_id: AppointmentId
) -> AppointmentOut:
    """Takes back what was said of who missed it."""
    return await actions.remove_no_show(
        services, request.auth, appointment_id, await read_key(request), base_url(request, services)
    )
