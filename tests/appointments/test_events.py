"""The five calendar events as webhooks and the feed carry them, and who missed an appointment."""

from uuid import UUID

import pytest

from tests.appointments.cast import CANCEL, RESCHEDULE, moment
from tests.factories.rows import update_row
from tests.quote_sending.world import until
from tests.review.people import employ

# As the vendor's pages have it.
KEYS = {
    "id", "title", "topic", "description", "color", "createdAt", "updatedAt", "isDeleted", "status", "startDateTime",
    "endDateTime", "timezone", "meetingLink", "cancelURL", "rescheduleURL", "meetingNotes", "meetingProvider",
    "providerName", "providerEmail", "tracking",
}  # fmt: skip
APPOINTMENTS = "/api/staff/appointments"
BEGUN = {"starts_at": "2026-01-05T15:00:00Z", "ends_at": "2026-01-05T15:30:00Z"}


async def begun(services, own, email) -> str:
    booked = await own.booked(email)
    await update_row(services, UUID(own.clinic.organization_id), "calendar_events", UUID(booked["id"]), **BEGUN)
    return booked["id"]


@pytest.fixture
async def manager(own, services):
    return (await employ(services, own.clinic, "Mia", role="CASEMANAGER", npi=None, licenses={})).headers


async def test_each_of_the_five_events_carries_the_appointment(own, services, manager):
    email, case_id = await own.patient_and_case()
    booked, (ada,) = await own.booked(email), await own.clinicians()
    start = (await own.free(ada["eventTypeId"]))[9]
    named = {"email": email, "appointmentId": booked["id"]}
    assert (await own.post(RESCHEDULE, named | {"startTime": start})).status_code == 200
    assert (await own.post(CANCEL, named | {"reason": "A secret reason"})).status_code == 200
    missed = await begun(services, own, email)
    for end, body in (("no-show", {"missedBy": "USER"}), ("remove-no-show", None)):
        answer = await own.client.post(f"{APPOINTMENTS}/{missed}/{end}", json=body, headers=manager)
        assert answer.status_code == 200, answer.text
    names = {"CREATED": 2, "RESCHEDULED": 1, "CANCELED": 1, "NO_SHOW": 1, "NO_SHOW_REMOVED": 1}
    for name, count in names.items():
        told = await until(lambda name=name, count=count: at_least(own, f"CALENDAR_EVENT_{name}", count))
        for body in told:
            shown = body["payload"]["calendarEvent"]
            assert set(shown) >= KEYS
            assert body["payload"]["case"]["id"] == shown["caseId"] == str(case_id)
            assert body["payload"]["activity"]["type"] == body["event"]
            assert shown["cancelURL"].startswith("http")
            assert "A secret reason" not in str(body)
    (created, _), (moved,), (canceled,) = [
        await own.told(f"CALENDAR_EVENT_{name}") for name in ("CREATED", "RESCHEDULED", "CANCELED")
    ]
    assert created["payload"]["calendarEvent"]["isDeleted"] is True
    activity = moved["payload"]["activity"]
    assert [moment(activity[name]) for name in ("valueBefore", "valueAfter")] == [
        moment(booked["startDateTime"]), moment(start),
    ]  # fmt: skip
    assert canceled["payload"]["activity"]["valueBefore"] == start


async def at_least(own, event: str, count: int):
    found = await own.told(event)
    return found if len(found) >= count else []


async def test_a_missed_appointment_is_marked_and_unmarked(own, services, manager):
    email = await own.patient()
    booked = await own.booked(email)
    early = await own.client.post(f"{APPOINTMENTS}/{booked['id']}/no-show", json={}, headers=manager)
    assert (early.status_code, early.headers["content-type"]) == (409, "application/problem+json")
    missed, key = await begun(services, own, email), {"Idempotency-Key": f"missed-{email}"}
    for by, status in (("PROVIDER", "MISSED_EVENT_BY_PROVIDER"), ("USER", "MISSED_EVENT_BY_USER")):
        answer = await own.client.post(f"{APPOINTMENTS}/{missed}/no-show", json={"missedBy": by}, headers=manager)
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    same = await own.client.post(f"{APPOINTMENTS}/{missed}/no-show", json={}, headers=manager)
    assert same.status_code == 409
    removed = [
        await own.client.post(f"{APPOINTMENTS}/{missed}/remove-no-show", headers=manager | key) for _ in range(2)
    ]
    assert [(one.status_code, one.json()["status"]) for one in removed] == [(200, None)] * 2
    again = await own.client.post(f"{APPOINTMENTS}/{missed}/remove-no-show", headers=manager)
    assert again.status_code == 409


@pytest.mark.parametrize("end", ["no-show", "remove-no-show"])
async def test_who_may_say_so(own, services, other_clinic, end):
    missed = await begun(services, own, await own.patient())
    url, body = f"{APPOINTMENTS}/{missed}/{end}", {"json": {}} if end == "no-show" else {}
    assert (await own.client.post(url, **body)).status_code == 401
    wrong = {"Authorization": "Bearer cvt_wrong"}
    assert (await own.client.post(url, headers=wrong, **body)).status_code == 401
    support = await employ(services, own.clinic, "Sue", role="SUPPORT", npi=None, licenses={})
    assert (await own.client.post(url, headers=support.headers, **body)).status_code == 403
    stranger = await employ(services, other_clinic, "Max", role="ADMIN")
    for place in (url, f"{APPOINTMENTS}/x/{end}"):
        assert (await own.client.post(place, headers=stranger.headers, **body)).status_code == 404


async def test_a_body_that_names_nobody_is_refused(own, services, manager):
    missed = await begun(services, own, await own.patient())
    answer = await own.client.post(f"{APPOINTMENTS}/{missed}/no-show", json={"missedBy": "CAT"}, headers=manager)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == ["missedBy"]
