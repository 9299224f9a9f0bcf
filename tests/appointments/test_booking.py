"""Booking, moving and canceling: the good ways, and what is refused."""

import json
from datetime import timedelta

import pytest

from carelane.apply.actions import apply_file
from carelane.kit import clock
from tests.appointments.cast import (
    ALWAYS,
    APPOINTMENTS,
    CANCEL,
    RESCHEDULE,
    Storefront,
    booking,
    clinic_of,
    clinician,
    moment,
    text_of,
)
from tests.detail.asking import read_case


async def test_clinicians_are_listed_by_the_states_of_their_licenses(shop):
    names = {
        states: [one["providerName"] for one in await shop.clinicians(states)] for states in ("NY", "CA", " ca,Ny ")
    }
    assert names == {
        "NY": ["Dr. Ada Berg", "Dr. Bo Berg"],
        "CA": ["Dr. Bo Berg"],
        " ca,Ny ": ["Dr. Ada Berg", "Dr. Bo Berg"],
    }
    assert await shop.clinicians("TX") == []
    (ada,) = await shop.clinicians(provider_email=f" {(await shop.clinicians())[0]['providerEmail'].upper()} ")
    assert set(ada) == {
        "providerName", "providerEmail", "calendlyLink", "eventTypeId", "timezone", "appointmentMinutes",
    }  # fmt: skip
    assert ada["timezone"] == "America/New_York"
    assert ada["calendlyLink"].startswith("http")
    assert await shop.clinicians(event_type_id=ada["eventTypeId"]) == [ada]
    assert await shop.clinicians(event_type_id="https://api.calendly.com/event_types/1") == []
    older = await shop.get("/api/v1/provider-availability", provider_states="NY")
    assert older.json()["message"] == "Providers Availability link fetched successfully"
    assert older.json()["data"] == await shop.clinicians()


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({}, ["provider_states"]),
        ({"provider_states": " "}, ["provider_states"]),
        ({"provider_states": "NY,XX"}, ["provider_states"]),
        ({"provider_states": "NY,"}, ["provider_states"]),
        ({"provider_states": "NY", "start_time": "2099-01-01T00:00:00Z"}, ["end_time", "event_type_id"]),
        ({"provider_states": "NY", "end_time": "2099-01-01T00:00:00Z", "event_type_id": "x"}, ["start_time"]),
        (
            {"provider_states": "NY", "event_type_id": "x", "start_time": "tomorrow", "end_time": "2099-01-01T00:00:00"},
            ["start_time", "end_time"],
        ),
        (
            {"provider_states": "XX", "event_type_id": "x", "start_time": "2099-01-02T00:00:00Z",
             "end_time": "2099-01-01T00:00:00Z"},
            ["provider_states", "end_time"],
        ),
        (
            {"provider_states": "NY", "event_type_id": "x", "start_time": "2099-01-01T00:00:00Z",
             "end_time": "2099-02-02T00:00:00Z"},
            ["end_time"],
        ),
    ],
)  # fmt: skip
async def test_a_question_that_cannot_be_read_names_every_fault(shop, params, fields):
    answer = await shop.get("/api/v1/calendar/provider-availability", **params)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["success"], body["message"], body["code"]) == (
        400,
        False,
        "Invalid request",
        "VALIDATION_ERROR",
    )
    assert [problem["field"] for problem in body["errors"]] == fields


async def test_free_times_are_the_clinicians_and_are_told_in_utc(own):
    (ada,) = await own.clinicians()
    free = await own.free(ada["eventTypeId"], days=1)
    assert len(free) in {46, 47, 48, 49, 50}
    assert all(start.endswith(":00Z") and start[14:16] in {"00", "30"} for start in free)
    soon = clock.now()
    times = {"start_time": (soon - timedelta(days=2)).isoformat(), "end_time": (soon + timedelta(hours=3)).isoformat()}
    (found,) = await own.clinicians(event_type_id=ada["eventTypeId"], **times)
    assert all(moment(one["startTime"]) > soon - timedelta(seconds=1) for one in found["availableTimes"])
    assert all(
        moment(one["endTime"]) - moment(one["startTime"]) == timedelta(minutes=30) for one in found["availableTimes"]
    )


async def test_an_appointment_is_booked_and_shown_everywhere(own):
    email, case_id = await own.patient_and_case()
    (ada,) = await own.clinicians()
    start = (await own.free(ada["eventTypeId"]))[3]
    tracking = {"utmCampaign": "spring", "utmSource": None, "salesforceUuid": "s-1"}
    answer = await own.book(f" {email.upper()} ", ada["eventTypeId"], start, tracking=tracking)
    assert answer.status_code == 200, answer.text
    assert answer.json() | {"data": None} == {
        "status": 200, "success": True, "message": "Meeting scheduled successfully", "data": None,
    }  # fmt: skip
    booked = answer.json()["data"]
    assert booked | {"id": 0, "createdAt": 0, "updatedAt": 0, "cancelURL": 0, "rescheduleURL": 0} == {
        "id": 0, "createdAt": 0, "updatedAt": 0, "cancelURL": 0, "rescheduleURL": 0,
        "caseId": str(case_id), "title": "Appointment with Dr. Ada Berg", "topic": None, "description": None, "color": None,
        "startDateTime": start, "endDateTime": text_of(moment(start) + timedelta(minutes=30)),
        "timezone": "America/Chicago", "meetingLink": None, "meetingProvider": "google_conference",
        "providerName": "Dr. Ada Berg", "providerEmail": ada["providerEmail"], "status": None, "isDeleted": False,
        "meetingNotes": [],
        "tracking": {"utm_campaign": "spring", "utm_source": None, "utm_medium": None, "utm_content": None,
                     "utm_term": None, "salesforce_uuid": "s-1"},
    }  # fmt: skip
    assert booked["cancelURL"].removesuffix("/cancel") == booked["rescheduleURL"].removesuffix("/reschedule")
    assert start not in await own.free(ada["eventTypeId"])
    assert await own.listed(email) == [booked]
    detail = await read_case(own.client, own.clinic, case_id, includeCalendarEvents="true")
    seed = ("id", "startDateTime", "endDateTime", "timezone", "meetingLink", "meetingProvider", "cancelURL",
            "rescheduleURL", "providerName", "providerEmail")  # fmt: skip
    assert detail["calendarEvents"] == [{name: booked[name] for name in seed}]
    assert [one["type"] for one in detail["activity"]][-1] == "CALENDAR_EVENT_CREATED"


async def test_a_taken_time_is_refused_and_so_is_one_that_overlaps_it(own, services, tmp_path):
    """The primary key knows of time, not of appointments: changed hours do not let two overlap."""
    booked = await own.booked()
    (ada,) = await own.clinicians()
    answer = await own.book(await own.patient(), ada["eventTypeId"], booked["startDateTime"])
    assert (answer.status_code, answer.json()["code"]) == (409, "TIME_TAKEN")
    assert await own.free(ada["eventTypeId"])
    own_staff = {"email": ada["providerEmail"], "firstName": "Ada", "lastName": "Berg", "role": "CASEWORKER"}
    await change_staff(services, own, tmp_path, own_staff | {"availability": ALWAYS | {"appointmentMinutes": 45}})
    longer = await own.free(ada["eventTypeId"])
    start, end = moment(booked["startDateTime"]), moment(booked["endDateTime"])
    assert all(moment(one) >= end or moment(one) + timedelta(minutes=45) <= start for one in longer)
    email = await own.patient()
    tried = [start - timedelta(minutes=minutes) for minutes in range(0, 45, 5)]
    answers = [await own.book(email, ada["eventTypeId"], text_of(one)) for one in tried]
    # The hours offer only what fits their grid; of that, what overlaps is taken.
    assert {answer.status_code for answer in answers} == {400, 409}
    assert await own.listed(email) == []


async def change_staff(services, shop: Storefront, folder, *staff) -> None:
    """As the clinic's own file would, with the licenses that the members have."""
    clinic = shop.clinic
    content = {
        "organization": {
            "id": clinic.organization_id,
            "tenant": clinic.tenant,
            "name": "Harbor & Sons",
            "casePrefix": "OWN",
        },
        "staff": [one | {"licenses": [{"state": "NY", "number": "NY-1", "expiresOn": "2199-12-31"}]} for one in staff],
    }
    (folder / "changed.yaml").write_text(json.dumps(content))
    await apply_file(services, folder / "changed.yaml", False, {}, overwrite=True)


@pytest.mark.parametrize(
    ("changed", "status", "fields"),
    [
        ({"eventTypeId": "x"}, 400, ["eventTypeId"]),
        ({"eventTypeId": "x", "timezone": "Mars/Olympus"}, 400, ["eventTypeId", "timezone"]),
        ({"startTime": "2026-13-01T00:00:00Z", "location": "my house"}, 400, ["startTime", "location"]),
        ({"startTime": "2099-01-01T09:00:00"}, 400, ["startTime"]),
        ({"startTime": "2020-01-01T15:00:00Z", "timezone": ""}, 400, ["timezone", "startTime"]),
        ({"startTime": "2099-01-01T15:07:00Z"}, 400, ["startTime"]),
        ({"email": ""}, 400, ["email"]),
        ({"tracking": {"utmCampaign": 1}}, 400, ["tracking.utmCampaign"]),
        ({"email": "nobody@patient.example"}, 404, []),
        ({"location": None, "timezone": None, "startTime": None, "eventTypeId": None, "email": None}, 400,
         ["eventTypeId", "startTime", "email", "timezone", "location"]),
    ],
)  # fmt: skip
async def test_a_booking_that_breaks_a_rule_names_every_fault(shop, changed, status, fields):
    (ada, _) = await shop.clinicians()
    email = await shop.patient()
    body = booking(email, ada["eventTypeId"], (await shop.free(ada["eventTypeId"]))[-1]) | changed
    answer = await shop.post(APPOINTMENTS, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["message"] == ("Invalid request" if status == 400 else "User not found")
    assert [problem["field"] for problem in answer.json().get("errors", [])] == fields
    assert await shop.listed(email) == []


async def test_an_appointment_is_moved_and_its_old_time_is_free_again(own):
    email = await own.patient()
    booked = await own.booked(email)
    (ada,) = await own.clinicians()
    free = await own.free(ada["eventTypeId"])
    body = {"email": email, "appointmentId": booked["id"], "startTime": free[5], "timezone": "Europe/Berlin"}
    answer = await own.post(RESCHEDULE, body)
    assert answer.status_code == 200, answer.text
    moved = answer.json()["data"]
    end = text_of(moment(free[5]) + timedelta(minutes=30))
    assert moved == booked | {
        "startDateTime": free[5], "endDateTime": end, "timezone": "Europe/Berlin", "updatedAt": moved["updatedAt"],
    }  # fmt: skip
    after = await own.free(ada["eventTypeId"])
    assert booked["startDateTime"] in after
    assert free[5] not in after
    assert await own.listed(email) == [moved]


async def test_an_appointment_may_be_moved_by_less_than_its_length(client, services, tmp_path):
    """Its own time is no obstacle."""
    two = [{"days": ALWAYS["hours"][0]["days"], "from": "00:00", "to": "24:00"}]
    shop = Storefront(
        client, await clinic_of(services, tmp_path, clinician("Ada", "NY", hours=two, appointmentMinutes=30))
    )
    email = await shop.patient()
    booked = await shop.booked(email)
    same = {"email": email, "appointmentId": booked["id"], "startTime": booked["startDateTime"]}
    assert (await shop.post(RESCHEDULE, same)).status_code == 200
    assert len(await shop.listed(email)) == 1


async def test_a_move_to_a_taken_time_leaves_everything_as_it_was(own):
    first, email = await own.booked(), await own.patient()
    second = await own.booked(email, at=2)
    body = {"email": email, "appointmentId": second["id"], "startTime": first["startDateTime"]}
    answer = await own.post(RESCHEDULE, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "TIME_TAKEN")
    assert await own.listed(email) == [second]


async def test_an_appointment_is_canceled_once_and_its_time_is_free_again(own):
    email, case_id = await own.patient_and_case()
    booked = await own.booked(email)
    body = {"email": email.upper(), "appointmentId": booked["id"], "reason": "I am better"}
    answer = await own.post(CANCEL, body)
    assert answer.status_code == 200
    assert answer.json() == {"status": 200, "success": True, "message": "Meeting cancelled successfully"}
    assert await own.listed(email) == []
    assert booked["startDateTime"] in await own.free((await own.clinicians())[0]["eventTypeId"])
    detail = await read_case(own.client, own.clinic, case_id, includeCalendarEvents="true")
    assert detail["calendarEvents"] == []
    again = await own.post(CANCEL, body)
    assert (again.status_code, again.json()["code"]) == (409, "APPOINTMENT_STATE")
    move = {"email": email, "appointmentId": booked["id"], "startTime": booked["startDateTime"]}
    assert (await own.post(RESCHEDULE, move)).status_code == 409


@pytest.mark.parametrize("path", [CANCEL, RESCHEDULE])
async def test_another_patients_appointment_is_not_there(shop, path):
    booked, email = await shop.booked(), await shop.patient()
    for sent in ({"email": email, "appointmentId": booked["id"]}, {"email": email, "appointmentId": "x"}):
        answer = await shop.post(path, sent | {"startTime": booked["startDateTime"]})
        assert (answer.status_code, answer.json()["message"]) == (404, "Appointment not found")
