"""Licenses, how many appointments a case may have, and requests that are sent again."""

from datetime import timedelta

from carelane.kit import clock
from tests.appointments.cast import APPOINTMENTS, CANCEL, Storefront, booking, clinic_of, clinician, moment, text_of


async def test_nobody_is_booked_with_a_clinician_who_has_no_license_there(shop):
    (ada, _) = await shop.clinicians()
    answer = await shop.book(await shop.patient("CA"), ada["eventTypeId"], (await shop.free(ada["eventTypeId"]))[-1])
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["eventTypeId"]
    assert "license" in answer.json()["error"]


async def test_nobody_is_booked_beyond_the_end_of_a_license(client, services, tmp_path):
    ends_on = (clock.now() + timedelta(days=3)).date()
    ada = clinician("Ada", "NY")
    ada["licenses"][0]["expiresOn"] = ends_on.isoformat()
    shop = Storefront(client, await clinic_of(services, tmp_path, ada))
    (found,) = await shop.clinicians()
    free = await shop.free(found["eventTypeId"], days=10)
    assert moment(free[-1]).date() - ends_on <= timedelta(days=1)
    late = text_of(moment(free[-1]) + timedelta(days=3))
    answer = await shop.book(await shop.patient(), found["eventTypeId"], late)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "eventTypeId")


async def test_a_case_has_only_so_many_appointments(own):
    email = await own.patient()
    for number in range(5):
        await own.booked(email, at=2 * number)
    (ada,) = await own.clinicians()
    answer = await own.book(email, ada["eventTypeId"], (await own.free(ada["eventTypeId"]))[0])
    assert (answer.status_code, answer.json()["code"]) == (409, "APPOINTMENT_STATE")


async def test_repeated_requests_are_answered_again(own):
    email = await own.patient()
    (ada,) = await own.clinicians()
    body = booking(email, ada["eventTypeId"], (await own.free(ada["eventTypeId"]))[0])
    key = {"Idempotency-Key": f"book-{email}"}
    first, second = await own.post(APPOINTMENTS, body, **key), await own.post(APPOINTMENTS, body, **key)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(await own.listed(email)) == 1
    other = await own.post(APPOINTMENTS, body | {"timezone": "UTC"}, **key)
    assert other.status_code == 422
    cancel = {"email": email, "appointmentId": first.json()["data"]["id"]}
    again = [await own.post(CANCEL, cancel, **{"Idempotency-Key": f"cancel-{email}"}) for _ in range(2)]
    assert [one.status_code for one in again] == [200, 200]
