"""The pages behind an appointment's links: what they show and do, and what they give nobody."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from carelane.calendar.access import (
    AppointmentLink,
    EventType,
    booking_url,
    cancel_url,
    read_booking_link,
    read_link,
    token_of,
)
from carelane.kit.auth import Actor
from carelane.kit.errors import ScopeMissingError
from carelane.permissions import APPOINTMENTS_OWN, GRANTABLE
from tests.appointments.cast import CANCEL
from tests.factories.rows import update_row
from tests.quote_page.cast import text_of
from tests.quote_page.test_closed_to_others import FOREIGN, REQUIRED
from tests.quote_sending.world import until

KEY = b"k" * 32
APPOINTMENT, CLINICIAN = AppointmentLink(uuid4(), uuid4()), EventType(uuid4(), uuid4())


@pytest_asyncio.fixture
async def reader(server):
    """A browser without scripts, which follows redirects."""
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True, timeout=30) as client:
        yield client


def path_of(url: str) -> str:
    return urlsplit(url).path


def starts_of(page: httpx.Response) -> list[str]:
    return [unescape(value) for value in re.findall(r'name="start" value="([^"]+)"', page.text)]


# ---- links


def test_a_link_leads_to_its_appointment_or_clinician_and_neither_passes_for_the_other():
    assert read_link(KEY, token_of(KEY, APPOINTMENT)) == APPOINTMENT
    assert read_booking_link(KEY, token_of(KEY, CLINICIAN)) == CLINICIAN
    assert read_link(KEY, token_of(KEY, CLINICIAN)) is None
    assert read_booking_link(KEY, token_of(KEY, APPOINTMENT)) is None
    assert cancel_url(KEY, "https://x.example/care/", APPOINTMENT) == (
        f"https://x.example/care/a/{token_of(KEY, APPOINTMENT)}/cancel"
    )
    assert booking_url(KEY, "https://x.example", CLINICIAN).endswith("/book")


@pytest.mark.parametrize("read", [read_link, read_booking_link])
def test_any_changed_letter_or_other_key_makes_it_no_link(read):
    token = token_of(KEY, APPOINTMENT if read is read_link else CLINICIAN)
    for position, letter in enumerate(token):
        assert read(KEY, token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]) is None
    for other in ("", "A", "é" * 64, "A" * 66, "A" * 10_000):
        assert read(KEY, other) is None
    assert read(b"o" * 32, token) is None


@pytest.mark.parametrize("end", ["", "/cancel", "/reschedule", "/book", "/nowhere"])
async def test_a_forged_link_leads_nowhere_and_says_so_on_a_page(reader, services, end):
    forged = token_of(b"o" * 32, APPOINTMENT)
    unknown = token_of(services.calendar_link_key, APPOINTMENT)
    for token in (forged, unknown, "x"):
        answer = await reader.get(f"/a/{token}{end}")
        assert answer.status_code == 404
        assert "This link leads nowhere" in text_of(answer)
        assert answer.headers.items() >= REQUIRED.items()
        assert (await reader.post(f"/a/{token}{end}", data={"start": "x"})).status_code in {404, 405}


async def test_no_key_can_be_given_what_a_link_gives():
    assert APPOINTMENTS_OWN not in GRANTABLE
    with pytest.raises(ScopeMissingError):
        Actor(uuid4(), "key", scopes=GRANTABLE).require(APPOINTMENTS_OWN)


# ---- the appointment


async def test_the_page_shows_the_appointment_in_the_patients_zone(shop, reader):
    booked = await shop.booked()
    page = await reader.get(path_of(booked["cancelURL"]).removesuffix("/cancel"))
    assert page.status_code == 200
    assert {name: page.headers[name] for name in REQUIRED} == REQUIRED
    text = text_of(page)
    assert "Harbor & Sons" in text
    assert "Dr. Ada Berg" in text
    assert re.search(r"\d:\d\d [AP]M C[SD]T", text)
    assert "https://meet.example/ada" in text
    assert "Marker" not in page.text
    assert not FOREIGN.search(page.text.replace("https://meet.example/ada", ""))


async def test_looking_does_nothing(own, reader):
    email = await own.patient()
    booked = await own.booked(email)
    for url in (booked["cancelURL"], booked["rescheduleURL"]):
        assert (await reader.get(path_of(url))).status_code == 200
        assert (await reader.head(path_of(url))).status_code in {200, 405}
    assert await own.listed(email) == [booked]


async def test_a_patient_moves_the_appointment(own, reader):
    email, case_id = await own.patient_and_case()
    booked = await own.booked(email)
    path = path_of(booked["rescheduleURL"])
    later = f"{path}?from={(datetime.now(UTC) + timedelta(days=9)).date()}"
    page = await reader.get(later)
    start = starts_of(page)[5]
    moved = await reader.post(later, data={"start": start})
    assert moved.status_code == 200
    assert moved.url.path == path.removesuffix("/reschedule")
    (now,) = await own.listed(email)
    assert (now["id"], now["startDateTime"]) == (booked["id"], start)
    assert now["rescheduleURL"] == booked["rescheduleURL"]
    (told,) = await until(lambda: own.told("CALENDAR_EVENT_RESCHEDULED"))
    assert told["payload"]["case"]["id"] == str(case_id)
    assert told["payload"]["activity"]["actor"]["email"] == email


async def test_a_time_that_somebody_took_meanwhile_is_said_to_be_taken(own, reader):
    booked = await own.booked()
    path = path_of(booked["rescheduleURL"])
    start = starts_of(await reader.get(path))[-1]
    (ada,) = await own.clinicians()
    assert (await own.book(await own.patient(), ada["eventTypeId"], start)).status_code == 200
    answer = await reader.post(path, data={"start": start})
    assert answer.status_code == 409
    assert "Somebody else has taken that time" in text_of(answer)
    assert start not in starts_of(answer)


@pytest.mark.parametrize("form", [{"other": "x"}, {"start": ""}, {"start": "tomorrow"}])
async def test_without_a_time_the_page_asks_for_one(shop, reader, form):
    booked = await shop.booked()
    answer = await reader.post(path_of(booked["rescheduleURL"]), data=form)
    assert answer.status_code == 422
    assert "Choose one of the times first." in text_of(answer)


@pytest.mark.parametrize("first", ["0001-01-01", "9999-12-31", "x", "2026-02-30", ""])
async def test_weeks_that_cannot_be_shown_are_the_nearest_that_can(shop, reader, first):
    booked = await shop.booked()
    answer = await reader.get(path_of(booked["rescheduleURL"]), params={"from": first})
    assert answer.status_code == 200
    assert starts_of(answer)


async def test_a_patient_cancels_and_says_why(own, reader, services):
    email = await own.patient()
    booked = await own.booked(email)
    path = path_of(booked["cancelURL"])
    answer = await reader.post(path, data={"reason": "I am\r\nbetter\0 now"})
    assert answer.status_code == 410
    assert "This appointment is canceled" in text_of(answer)
    assert await own.listed(email) == []
    organization_id, appointment_id = UUID(own.clinic.organization_id), UUID(booked["id"])
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute("SELECT cancel_reason_sealed FROM calendar_events WHERE id = %s", (appointment_id,))
        ((sealed,),) = await cursor.fetchall()
    key = await services.keyring.data_key(organization_id)
    assert key.open(sealed, "calendar_events.cancel_reason_sealed", appointment_id) == b"I am\nbetter now"
    for url in (booked["cancelURL"], booked["rescheduleURL"]):
        assert (await reader.get(path_of(url))).status_code == 410
        assert (await reader.post(path_of(url), data={"start": booked["startDateTime"]})).status_code == 410


async def test_what_has_begun_can_no_longer_be_changed(own, reader, services):
    email = await own.patient()
    booked = await own.booked(email)
    begun = {"starts_at": "2026-01-05T15:00:00Z", "ends_at": "2026-01-05T15:30:00Z"}
    await update_row(services, UUID(own.clinic.organization_id), "calendar_events", UUID(booked["id"]), **begun)
    for url in (booked["cancelURL"], booked["rescheduleURL"]):
        for answer in (await reader.get(path_of(url)), await reader.post(path_of(url), data={"start": "x"})):
            assert answer.status_code == 410
            assert "can no longer be changed" in text_of(answer)
    refused = await own.post(CANCEL, {"email": email, "appointmentId": booked["id"]})
    assert refused.status_code == 409


async def test_another_sites_form_is_refused(shop, reader):
    booked = await shop.booked()
    for url in (booked["cancelURL"], booked["rescheduleURL"]):
        answer = await reader.post(path_of(url), data={"start": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    long = await reader.post(path_of(booked["cancelURL"]), data={"reason": "x" * 2_001})
    assert long.status_code == 400


async def test_the_read_is_recorded_as_the_patients(own, reader, services):
    booked = await own.booked()
    await reader.get(path_of(booked["cancelURL"]))
    statement = "SELECT actor_kind, actor_id IS NOT NULL, reason FROM phi_reads WHERE record_id = %s"
    async with services.db.reading(UUID(own.clinic.organization_id)) as conn:
        rows = await (await conn.execute(statement, (UUID(booked["id"]),))).fetchall()
    assert rows == [("patient", True, "the patient's page")]


# ---- the clinician's page


async def test_a_patient_books_on_the_clinicians_page(own, reader):
    (ada,) = await own.clinicians()
    email, path = await own.patient(), path_of(ada["calendlyLink"])
    page = await reader.get(path, params={"zone": "America/Los_Angeles"})
    assert {name: page.headers[name] for name in REQUIRED} == REQUIRED
    assert "Book an appointment with Dr. Ada Berg" in text_of(page)
    start = starts_of(page)[7]
    form = {"start": start, "email": email.upper(), "zone": "America/Los_Angeles"}
    # As a browser does: to the address that the page was shown at.
    answer = await reader.post(path, params={"zone": "America/Los_Angeles"}, data=form)
    assert answer.status_code == 200
    assert "Check your mail" in text_of(answer)
    (booked,) = await own.listed(email)
    assert (booked["startDateTime"], booked["timezone"]) == (start, "America/Los_Angeles")
    taken = await reader.post(path, data=form)
    assert taken.status_code == 409
    assert start not in starts_of(taken)


async def test_a_stranger_is_answered_like_a_patient(own, reader):
    """Nobody learns from the page whether an address is a patient's."""
    (ada,) = await own.clinicians()
    path = path_of(ada["calendlyLink"])
    starts = starts_of(await reader.get(path))
    known, unlicensed = await own.patient(), await own.patient("CA")
    answers = [
        await reader.post(path, data={"start": starts[at], "email": email})
        for at, email in enumerate((known, "stranger@patient.example", unlicensed))
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.text for answer in answers}) == 1
    assert len(await own.listed(known)) == 1
    assert await own.listed(unlicensed) == []


@pytest.mark.parametrize(
    "changed", [{"email": "nobody"}, {"email": ""}, {"start": ""}, {"start": "2020-01-01T15:00:00Z"}, {"start": "x"}]
)
async def test_a_form_that_is_not_filled_in_is_shown_again(shop, reader, changed):
    (ada, _) = await shop.clinicians()
    path = path_of(ada["calendlyLink"])
    form = {"start": starts_of(await reader.get(path))[-1], "email": "iris@patient.example", "zone": "Mars/Olympus"}
    answer = await reader.post(path, data=form | changed)
    assert answer.status_code in {409, 422}
    assert starts_of(answer)
    assert 'role="alert"' in answer.text
