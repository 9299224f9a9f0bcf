"""/api/v1/calendar: when clinicians are free, and the appointments of patients."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from carelane.calendar import actions, reads
from carelane.calendar.availability import reads as availability
from carelane.calendar.availability.schemas import BookableCliniciansOut, CliniciansQuery
from carelane.calendar.errors import (
    AppointmentNotFoundError,
    AppointmentStateError,
    PatientNotFoundError,
    TimeTakenError,
)
from carelane.calendar.schemas import (
    AppointmentAnswerOut,
    AppointmentsOut,
    AppointmentsQuery,
    CancelAppointmentIn,
    CanceledOut,
    RescheduleAppointmentIn,
    ScheduleAppointmentIn,
)
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Calendar")

_DAY = "The {} day, of UTC, on which an appointment may begin; both are needed unless `user_email` is given"
_MOMENT = "ISO 8601 with an offset; then the other one and `event_type_id` are needed too"


async def get_clinicians(
    request: ActorRequest,
    services: NamedDependency[Services],
    provider_states: Annotated[
        str | None,
        QueryParameter(
            name="provider_states", description="US state codes, comma-separated; a license in one is enough"
        ),
    ] = None,
    provider_email: Annotated[str | None, QueryParameter(name="provider_email", description="Only this one")] = None,
    event_type_id: Annotated[str | None, QueryParameter(name="event_type_id", description="Only this one")] = None,
    start_time: Annotated[str | None, QueryParameter(name="start_time", description=_MOMENT)] = None,
    end_time: Annotated[str | None, QueryParameter(name="end_time", description=_MOMENT)] = None,
) -> BookableCliniciansOut:
    """Clinicians by name, each with the page on which a patient books; with a period, the times in it that are free."""
    query = CliniciansQuery(
        provider_states=provider_states,
        provider_email=provider_email,
        event_type_id=event_type_id,
        start_time=start_time,
        end_time=end_time,
    )
    found = await availability.list_clinicians(services, request.auth, query.wanted(), base_url(request, services))
    return BookableCliniciansOut(data=found)


routes.get("/calendar/provider-availability", "List clinicians who can be booked", operation_id="listClinicians")(
    get_clinicians
)
# Where it was before there was a calendar.
routes.get("/provider-availability", "List clinicians, by its older path", operation_id="listCliniciansByOlderPath")(
    get_clinicians
)


@routes.get("/calendar/appointments", "List appointments", errors=(PatientNotFoundError,))
async def list_appointments(
    request: ActorRequest,
    services: NamedDependency[Services],
    start_date: Annotated[str | None, QueryParameter(name="start_date", description=_DAY.format("first"))] = None,
    end_date: Annotated[str | None, QueryParameter(name="end_date", description=_DAY.format("last"))] = None,
    user_email: Annotated[
        str | None, QueryParameter(name="user_email", description="Only the appointments of this patient")
    ] = None,
) -> AppointmentsOut:
    """Appointments that are not over and not canceled, of cases that are not archived, the next first."""
    query = AppointmentsQuery(start_date=start_date, end_date=end_date, user_email=user_email)
    return await reads.list_appointments(services, request.auth, query, base_url(request, services))


@routes.post(
    "/calendar/appointments",
    "Book an appointment",
    errors=(PatientNotFoundError, RuleBrokenError, TimeTakenError, AppointmentStateError),
    repeatable=True,
)
async def schedule_appointment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ScheduleAppointmentIn]
) -> AppointmentAnswerOut:
    """Books one of a clinician's free times for the patient's newest case. The patient and the clinician get a mail."""
    return await actions.schedule_appointment(
        services, request.auth, data, await read_key(request), base_url(request, services)
    )


@routes.post(
    "/calendar/appointments/reschedule",
    "Move an appointment",
    errors=(AppointmentNotFoundError, RuleBrokenError, TimeTakenError, AppointmentStateError),
    repeatable=True,
)
async def reschedule_appointment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[RescheduleAppointmentIn]
) -> AppointmentAnswerOut:
    """Moves an appointment to another free time of the same clinician. It stays the same appointment, with the same links."""
    return await actions.reschedule_appointment(
        services, request.auth, data, await read_key(request), base_url(request, services)
    )


@routes.post(
    "/calendar/appointments/cancel",
    "Cancel an appointment",
    errors=(AppointmentNotFoundError, AppointmentStateError),
    repeatable=True,
)
async def cancel_appointment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[CancelAppointmentIn]
) -> CanceledOut:
    """Cancels an appointment that has not begun; its time can be booked again."""
    return await actions.cancel_appointment(
        services, request.auth, data, await read_key(request), base_url(request, services)
    )
