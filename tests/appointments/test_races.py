"""Two who want one time, and whatever else may happen at once: one of them has it, and nothing is left half done."""

import asyncio
from collections import Counter
from uuid import UUID

from tests.appointments.cast import CANCEL, RESCHEDULE

STEPS = """
SELECT s.event_id, count(*) FROM calendar_slots s WHERE s.organization_id = %s GROUP BY s.event_id
"""
LIVE = "SELECT id FROM calendar_events WHERE organization_id = %s AND deleted_at IS NULL"


async def rows_of(services, shop, statement):
    async with services.db.reading(UUID(shop.clinic.organization_id)) as conn:
        return await (await conn.execute(statement, (shop.clinic.organization_id,))).fetchall()


async def test_of_64_who_want_one_time_at_once_one_has_it(own, services):
    (ada,) = await own.clinicians()
    start = (await own.free(ada["eventTypeId"]))[4]
    emails = await asyncio.gather(*(own.patient() for _ in range(64)))
    answers = await asyncio.gather(*(own.book(email, ada["eventTypeId"], start) for email in emails))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 63}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"TIME_TAKEN"}
    assert len(await rows_of(services, own, LIVE)) == 1
    # Half an hour is six times five minutes.
    assert [count for _, count in await rows_of(services, own, STEPS)] == [6]


async def test_of_all_who_move_to_one_time_one_has_it_and_the_others_keep_theirs(own, services):
    (ada,) = await own.clinicians()
    free = await own.free(ada["eventTypeId"])
    emails = await asyncio.gather(*(own.patient() for _ in range(16)))
    booked = await asyncio.gather(*(own.book(email, ada["eventTypeId"], free[at]) for at, email in enumerate(emails)))
    assert {answer.status_code for answer in booked} == {200}
    moves = [
        {"email": email, "appointmentId": answer.json()["data"]["id"], "startTime": free[30]}
        for email, answer in zip(emails, booked, strict=True)
    ]
    answers = await asyncio.gather(*(own.post(RESCHEDULE, move) for move in moves))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 15}
    assert [count for _, count in await rows_of(services, own, STEPS)] == [6] * 16


async def test_patients_who_swap_times_at_once_do_not_deadlock(own):
    (ada,) = await own.clinicians()
    for _ in range(3):
        emails = await asyncio.gather(own.patient(), own.patient())
        first, second = [await own.booked(email, at=2 * at) for at, email in enumerate(emails)]
        moves = (
            {"email": emails[0], "appointmentId": first["id"], "startTime": second["startDateTime"]},
            {"email": emails[1], "appointmentId": second["id"], "startTime": first["startDateTime"]},
        )
        answers = await asyncio.gather(*(own.post(RESCHEDULE, move) for move in moves))
        # Whoever comes first finds the other's time taken; then the other does, too.
        assert {answer.status_code for answer in answers} == {409}
    assert ada


async def test_one_patient_at_once_gets_no_more_appointments_than_a_case_may_have(own):
    (ada,) = await own.clinicians()
    free, email = await own.free(ada["eventTypeId"]), await own.patient()
    answers = await asyncio.gather(*(own.book(email, ada["eventTypeId"], start) for start in free[:12]))
    assert Counter(answer.status_code for answer in answers) == {200: 5, 409: 7}
    assert len(await own.listed(email)) == 5


async def test_cancel_and_move_at_once_leave_one_truth(own, services):
    (ada,) = await own.clinicians()
    email = await own.patient()
    booked, free = await own.booked(email), await own.free(ada["eventTypeId"])
    named = {"email": email, "appointmentId": booked["id"]}
    moves = [own.post(RESCHEDULE, named | {"startTime": start}) for start in free[3:7]]
    answers = await asyncio.gather(*moves[:2], own.post(CANCEL, named), *moves[2:], own.post(CANCEL, named))
    canceled = [answer.status_code for answer in (answers[2], answers[5])]
    assert sorted(canceled) == [200, 409]
    assert await rows_of(services, own, LIVE) == []
    assert await rows_of(services, own, STEPS) == []


async def test_the_same_request_at_once_books_once(own):
    (ada,) = await own.clinicians()
    email = await own.patient()
    start = (await own.free(ada["eventTypeId"]))[0]
    body = {
        "eventTypeId": ada["eventTypeId"], "startTime": start, "email": email, "timezone": "UTC",
        "location": "zoom_conference",
    }  # fmt: skip
    key = {"Idempotency-Key": f"once-{email}"}
    answers = await asyncio.gather(*(own.post("/api/v1/calendar/appointments", body, **key) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"IDEMPOTENCY_KEY_IN_FLIGHT"}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert len(await own.listed(email)) == 1
