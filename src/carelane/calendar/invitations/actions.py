"""Queueing the mails about an appointment, in the transaction of the act that they tell of."""

from email.utils import parseaddr
from uuid import UUID

import msgspec

from carelane.calendar.access import AppointmentLink, cancel_url, reschedule_url
from carelane.calendar.invitations import queries
from carelane.calendar.invitations.views import KINDS, Change, Invited, for_clinician, for_patient, test_mark, values_of
from carelane.calendar.queries import Appointment, PatientCase
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.languages import speaking
from carelane.kit.phi import DataKey, Phi
from carelane.messages.actions import missing_setting, queue
from carelane.messages.schemas import Content, NewMessage
from carelane.messages.templates.reads import in_own_words
from carelane.patients.queries import find_language
from carelane.services import Services


class News(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What became of an appointment. The addresses of our pages begin with `base_url`."""

    case: PatientCase
    appointment: Appointment
    change: Change
    provider_timezone: str
    base_url: str


async def queue_invitations(services: Services, conn: Connection, actor: Actor, data_key: DataKey, news: News) -> None:
    """One mail to the patient and one to the clinician; none where no mail server is set."""
    if missing_setting(services.settings, "MAIL"):
        return
    case, appointment = news.case, news.appointment
    link, key = AppointmentLink(actor.organization_id, appointment.id), services.calendar_link_key
    invited = Invited(
        id=appointment.id,
        change=news.change,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        revision=appointment.revision,
        clinic=case.organization_name,
        provider_name=appointment.provider_name,
        provider_email=appointment.provider_email,
        provider_timezone=news.provider_timezone,
        meeting_link=appointment.meeting_link,
        short_id=case.short_id,
        is_test=case.is_test,
        patient_email=case.email,
        patient_name=case.first_name,
        patient_timezone=appointment.timezone,
        reschedule_url=reschedule_url(key, news.base_url, link),
        cancel_url=cancel_url(key, news.base_url, link),
        organizer=parseaddr(services.settings.mail_from)[1],
        written_at=clock.now(),
    )
    with speaking(await find_language(conn, actor.organization_id, case.patient_id)):
        to_patient = await _in_own_words(conn, actor.organization_id, invited, services.settings.public_url)
    with speaking(await queries.find_language(conn, actor.organization_id, appointment.staff_id)):
        to_clinician = for_clinician(invited)
    await queue(conn, actor, data_key, *(_message(invited, content) for content in (to_patient, to_clinician)))


async def _in_own_words(conn: Connection, organization_id: UUID, invited: Invited, public_url: str | None) -> Content:
    written = for_patient(invited)
    own = await in_own_words(conn, organization_id, KINDS[invited.change], values_of(invited), written, public_url)
    # A test says so whoever wrote the words.
    is_marked = own.subject.startswith(test_mark(invited))
    return own if is_marked else msgspec.structs.replace(own, subject=f"{test_mark(invited)}{own.subject}")


def _message(invited: Invited, content: Content) -> NewMessage:
    return NewMessage(
        kind="APPOINTMENT",
        channel="MAIL",
        record_kind="appointment",
        record_id=invited.id,
        content=content,
        # What it tells of is over then.
        expires_at=invited.ends_at,
    )
