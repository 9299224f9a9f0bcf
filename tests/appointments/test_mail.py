"""Mails about appointments, each with an `.ics`; from a real server to a real mail server."""

from datetime import UTC, timedelta
from email.header import decode_header, make_header
from email.message import Message
from urllib.parse import urlsplit

import pytest_asyncio
from icalendar import Calendar

from tests.appointments.cast import CANCEL, RESCHEDULE, Storefront, clinic_of, clinician, moment
from tests.quote_sending.world import PUBLIC_URL, running_world, until


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory, contract):
    async with running_world(tmp_path_factory.mktemp("invitations") / "data", contract) as made:
        yield made


@pytest_asyncio.fixture
async def mailing(world, tmp_path):
    staff = clinician("Zoë", "NY", meetingLink="https://meet.example/zoe")
    return Storefront(world.client, await clinic_of(world.services, tmp_path, staff))


async def mails_to(world, address: str, count: int) -> list[Message]:
    async def look():
        found = [mail for to, mail in world.sink.messages if to == address]
        return found if len(found) == count else []

    return await until(look, 40)


def parts_of(mail: Message) -> tuple[str, Message, Calendar]:
    """The text, the attachment, and what is in that."""
    text, invitation = mail.get_payload()
    words = str(text.get_payload(decode=True), "utf-8")
    return words, invitation, Calendar.from_ical(invitation.get_payload(decode=True))


async def test_an_appointment_comes_into_calendars_moves_in_them_and_leaves_them(world, mailing):
    email, (zoe,) = await mailing.patient(), await mailing.clinicians()
    booked = await mailing.booked(email)
    (mail,) = await mails_to(world, email, 1)
    words, invitation, calendar = parts_of(mail)
    path = booked["cancelURL"].partition("/a/")[2].removesuffix("/cancel")
    assert f"{PUBLIC_URL}/a/{path}/cancel" in words
    assert f"{PUBLIC_URL}/a/{path}/reschedule" in words
    assert "Iris, your appointment with Dr. Zoë Berg of Harbor & Sons is on" in words
    assert "https://meet.example/zoe" in words
    assert (invitation.get_content_type(), invitation.get_param("method")) == ("text/calendar", "REQUEST")
    assert invitation.get_filename() == "appointment.ics"
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert event["UID"] == f"{booked['id']}@carelane"
    assert event["DTSTART"].dt == moment(booked["startDateTime"])
    assert event["DTSTART"].dt.utcoffset() == timedelta()
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=30)
    assert event["ATTENDEE"] == f"mailto:{email}"

    start = (await mailing.free(zoe["eventTypeId"]))[4]
    named = {"email": email, "appointmentId": booked["id"]}
    assert (await mailing.post(RESCHEDULE, named | {"startTime": start})).status_code == 200
    assert (await mailing.post(CANCEL, named)).status_code == 200
    mails = await mails_to(world, email, 3)
    read = sorted((parts_of(one) for one in mails), key=lambda parts: parts[2].walk("VEVENT")[0]["SEQUENCE"])
    events = [calendar.walk("VEVENT")[0] for _, _, calendar in read]
    assert [calendar["METHOD"] for _, _, calendar in read] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [part.get_param("method") for _, part, _ in read] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert {event["UID"] for event in events} == {events[0]["UID"]}
    assert [event["DTSTART"].dt.astimezone(UTC) for event in events[1:]] == [moment(start)] * 2
    assert events[2]["STATUS"] == "CANCELLED"
    assert "is canceled" in read[2][0]


async def test_the_clinicians_mail_names_the_case_and_not_the_patient(world, mailing):
    (zoe,) = await mailing.clinicians()
    booked = await mailing.booked()
    (mail,) = await mails_to(world, zoe["providerEmail"], 1)
    words, _, calendar = parts_of(mail)
    assert "case OWN-" in words
    for text in (str(mail), calendar.to_ical().decode(), words):
        assert "Iris" not in text
        assert "Marker" not in text
    assert calendar.walk("VEVENT")[0]["UID"] == f"{booked['id']}@carelane"
    # New York's clock, where the clinician works; the patient's shows another.
    assert " EST" in words or " EDT" in words


async def test_without_a_mail_server_an_appointment_is_booked_all_the_same(own):
    assert (await own.booked())["status"] is None


async def test_whoever_cancels_on_a_spanish_page_is_told_in_spanish(world, mailing):
    email = await mailing.patient()
    booked = await mailing.booked(email)
    await mails_to(world, email, 1)
    path = urlsplit(booked["cancelURL"]).path
    page = await world.client.get(path, headers={"Accept-Language": "es"})
    assert "¿Cancelar su cita?" in page.text
    await world.client.post(path, data={"reason": ""}, headers={"Accept-Language": "es"})
    assert "Esta cita está cancelada" in (await world.client.get(path, headers={"Accept-Language": "es"})).text
    mail = (await mails_to(world, email, 2))[1]
    words, _, calendar = parts_of(mail)
    assert str(make_header(decode_header(mail["Subject"]))) == "Cancelada: Cita con Dr. Zoë Berg"
    assert "Iris, su cita con Dr. Zoë Berg de Harbor & Sons del " in words
    assert calendar["METHOD"] == "CANCEL"
