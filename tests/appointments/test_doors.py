"""Who may ask the calendar: no credential, a wrong one, too little of one, another clinic's, and too many requests."""

from datetime import timedelta
from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.organizations.limits import RequestLimiter
from carelane.surfaces.care.credentials import CALENDAR_REQUESTS_PER_MINUTE
from tests.appointments.cast import APPOINTMENTS, CANCEL, FREE, RESCHEDULE, Storefront, booking

BODIES = {
    APPOINTMENTS: booking("iris@patient.example", "x", "2099-01-01T15:00:00Z"),
    RESCHEDULE: {"email": "x", "appointmentId": "x", "startTime": "2099-01-01T15:00:00Z"},
    CANCEL: {"email": "x", "appointmentId": "x"},
}
ASKS = [("GET", FREE), ("GET", "/api/v1/provider-availability"), ("GET", APPOINTMENTS)]
ASKS += [("POST", path) for path in BODIES]
ALL = pytest.mark.parametrize(("method", "path"), ASKS)


def sent(method: str, path: str) -> dict[str, object]:
    params = {"provider_states": "NY", "start_date": "2026-01-01", "end_date": "2026-01-02"}
    return {"json": BODIES[path]} if method == "POST" else {"params": params}


@ALL
async def test_without_a_key_or_with_a_wrong_one_nothing_is_said(client, method, path):
    for headers in ({}, {"cv-api-key": "cvk_wrong"}):
        answer = await client.request(method, path, headers=headers, **sent(method, path))
        assert answer.status_code == 401
        assert answer.json() | {"error": 0, "code": 0, "requestId": 0} == {
            "status": 401, "success": False, "message": "Unauthorized", "error": 0, "code": 0, "requestId": 0,
        }  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ASKS[2:])
async def test_a_key_of_the_catalogue_sees_and_books_no_appointments(client, shop, method, path):
    answer = await client.request(method, path, headers=shop.clinic.catalog_only, **sent(method, path))
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    free = await client.get(FREE, headers=shop.clinic.catalog_only, params={"provider_states": "NY"})
    assert free.status_code == 200


async def test_another_clinics_clinicians_and_appointments_are_not_there(client, shop, other_clinic):
    email = await shop.patient()
    booked, (ada, _) = await shop.booked(email), await shop.clinicians()
    stranger = Storefront(client, other_clinic)
    ours = {one["eventTypeId"] for one in await shop.clinicians()}
    assert not ours & {one["eventTypeId"] for one in await stranger.clinicians()}
    assert await stranger.clinicians(event_type_id=ada["eventTypeId"]) == []
    listed = await stranger.get(APPOINTMENTS, user_email=email)
    assert (listed.status_code, listed.json()["message"]) == (404, "User not found")
    named = {"email": email, "appointmentId": booked["id"]}
    assert (await stranger.post(CANCEL, named)).status_code == 404
    assert (await stranger.post(RESCHEDULE, named | {"startTime": booked["startDateTime"]})).status_code == 404
    theirs = await stranger.patient()
    start = (await shop.free(ada["eventTypeId"]))[-1]
    assert (await stranger.book(theirs, ada["eventTypeId"], start)).status_code == 400
    assert await shop.listed(email) == [booked]


@pytest.mark.parametrize("path", BODIES)
async def test_a_body_that_cannot_be_read_is_refused(shop, path):
    for content in (b"", b"[]", b"{", b'{"email": 1}'):
        answer = await shop.client.post(path, content=content, headers=shop.clinic.key)
        assert (answer.status_code, answer.json()["message"]) == (400, "Invalid request")
        assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({}, ["start_date", "end_date"]),
        ({"start_date": "2026-01-01"}, ["end_date"]),
        ({"end_date": "2026-01-01", "user_email": "x@x.example"}, ["start_date"]),
        ({"start_date": "2026-02-30", "end_date": "soon"}, ["start_date", "end_date"]),
        ({"start_date": "2026-01-02", "end_date": "2026-01-01"}, ["end_date"]),
        ({"start_date": "2026-01-02", "end_date": "9999-12-31"}, ["end_date"]),
    ],
)
async def test_a_list_without_its_days_names_what_is_missing(shop, params, fields):
    answer = await shop.get(APPOINTMENTS, **params)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == fields


async def test_the_list_holds_what_is_to_come_in_the_order_of_its_end(own, services):
    emails = [await own.patient() for _ in range(3)]
    booked = [await own.booked(email, at=at) for email, at in zip(emails, (6, 0, 3), strict=True)]
    days = {"start_date": booked[1]["startDateTime"][:10], "end_date": booked[0]["endDateTime"][:10]}
    answer = await own.get(APPOINTMENTS, **days)
    assert answer.json() == {
        "status": 200, "success": True, "message": "Appointments fetched successfully", "hasMore": False,
        "data": [booked[1], booked[2], booked[0]],
    }  # fmt: skip
    one = await own.get(APPOINTMENTS, user_email=f" {emails[0].upper()}", **days)
    assert one.json()["data"] == [booked[0]]
    later = {"start_date": "2199-01-01", "end_date": "2199-01-01"}
    assert (await own.get(APPOINTMENTS, user_email=emails[0], **later)).json()["data"] == []
    async with services.db.reading(UUID(own.clinic.organization_id)) as conn:
        rows = await (await conn.execute("SELECT record_kind, reason FROM phi_reads")).fetchall()
    assert ("calendar", "list of appointments") in rows


async def test_beyond_the_limit_everything_of_the_calendar_is_refused_and_nothing_else(own, services):
    """The limit is used up by a process whose clock is a minute ahead, so that it is used up now and for a minute more."""
    limiter, organization_id = RequestLimiter(services.db), UUID(own.clinic.organization_id)
    with clock.moved(timedelta(minutes=1)):
        for _ in range(CALENDAR_REQUESTS_PER_MINUTE):
            await limiter.take(organization_id, "calendar", CALENDAR_REQUESTS_PER_MINUTE)
    for method, path in ASKS:
        answer = await own.client.request(method, path, headers=own.clinic.key, **sent(method, path))
        assert answer.status_code == 429
        body = answer.json()
        assert (body["status"], body["success"], body["message"]) == (429, False, "Rate limit exceeded")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    bundles = await own.get("/api/v1/organization/bundles")
    assert bundles.status_code == 200
