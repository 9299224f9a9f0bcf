"""One-time codes: who gets one, what everybody is told, how many guesses and sends there are, and that each works once."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.portal.sign_in.actions import (
    ANSWER_SECONDS,
    MAX_GUESSES,
    MAX_SENT_IN_A_DAY,
    MAX_SENT_LATELY,
    MAX_SENT_TO_ADDRESS,
)
from tests.own_clinic import make_clinic
from tests.portal.cast import AUTH, code_of, enroll, messages_to, send_code

SEND, VERIFY = f"{AUTH}/send-otp", f"{AUTH}/verify-otp"
SENT = {"status": 200, "success": True, "message": "If an account exists, a verification code was sent"}


@pytest.fixture
def move(owner_url):
    """Makes all codes of a clinic older, as if time had passed."""

    def older(clinic, by: timedelta) -> None:
        with psycopg.connect(owner_url, autocommit=True) as conn:
            conn.execute(
                "UPDATE portal_codes SET created_at = created_at - %(by)s, expires_at = expires_at - %(by)s "
                "WHERE organization_id = %(clinic)s",
                {"by": by, "clinic": clinic.organization_id},
            )

    return older


async def verify(client, clinic, email, code, **headers):
    body = {"email": email, "code": code}
    return await client.post(VERIFY, json=body, headers=clinic.key | headers)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# ---- sending


async def test_a_patient_gets_a_code_by_mail_and_signs_in_with_it(client, services, own, person):
    assert (await send_code(client, own, person.email)).json() == SENT
    [(channel, recipient, text)] = await messages_to(services, own, person.id)
    assert (channel, recipient) == ("MAIL", person.email)
    assert "Own Clinic" in text
    answer = await verify(client, own, person.email, await code_of(services, own, person.id))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    data = answer.json()["data"]
    assert set(data) == {"accessToken", "refreshToken", "expiresIn", "patientId"}
    assert (data["expiresIn"], data["patientId"]) == (900, str(person.id))


async def test_a_patient_gets_a_code_by_text_message(client, services, own, person):
    body = {"phoneNumber": person.phone_number, "channel": "SMS"}
    assert (await client.post(SEND, json=body, headers=own.key)).json() == SENT
    [(channel, recipient, _)] = await messages_to(services, own, person.id)
    assert (channel, recipient) == ("SMS", person.phone_number)


@pytest.mark.parametrize("spelled", [str.upper, str.title, lambda email: f" {email} "])
async def test_an_address_is_the_same_however_it_is_written(client, services, own, person, spelled):
    assert (await send_code(client, own, spelled(person.email))).status_code == 200
    answer = await verify(client, own, person.email, await code_of(services, own, person.id))
    assert answer.status_code == 200


async def test_whom_nobody_knows_is_told_the_same_and_sent_nothing(client, services, own, owner_url):
    assert (await send_code(client, own, "nobody@patient.example")).json() == SENT
    body = {"phoneNumber": "+12125559999", "channel": "SMS"}
    assert (await client.post(SEND, json=body, headers=own.key)).json() == SENT
    with psycopg.connect(owner_url) as conn:
        count = conn.execute("SELECT count(*) FROM messages WHERE organization_id = %s", (own.organization_id,))
        assert count.fetchone() == (0,)


async def test_both_answers_take_the_same_time(client, own, person):
    for email in (person.email, "nobody@patient.example"):
        began = time.monotonic()
        await send_code(client, own, email)
        assert time.monotonic() - began >= ANSWER_SECONDS


async def test_a_patient_of_another_clinic_gets_nothing(client, services, own, person, tmp_path):
    other = await make_clinic(services, tmp_path)
    assert (await send_code(client, other, person.email)).json() == SENT
    assert await messages_to(services, own, person.id) == []


async def test_an_archived_patient_gets_nothing(client, services, own):
    gone = await enroll(services, own, archived_at="2026-01-01T00:00:00Z")
    assert (await send_code(client, own, gone.email)).json() == SENT
    assert await messages_to(services, own, gone.id) == []


@pytest.mark.parametrize("is_known", [True, False])
async def test_an_address_has_three_codes_in_fifteen_minutes(client, own, person, move, is_known):
    email = person.email if is_known else "nobody@patient.example"
    statuses = [(await send_code(client, own, email)).status_code for _ in range(MAX_SENT_LATELY + 1)]
    assert statuses == [200] * MAX_SENT_LATELY + [429]
    move(own, timedelta(minutes=16))
    assert (await send_code(client, own, email)).status_code == 200


async def test_an_address_has_ten_codes_in_a_day(client, own, person, move):
    for _ in range(MAX_SENT_IN_A_DAY):
        assert (await send_code(client, own, person.email)).status_code == 200
        move(own, timedelta(minutes=16))
    refused = await send_code(client, own, person.email)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 900
    move(own, timedelta(days=1))
    assert (await send_code(client, own, person.email)).status_code == 200


async def test_of_many_at_once_three_are_sent(client, services, own, person):
    answers = await asyncio.gather(*(send_code(client, own, person.email) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * MAX_SENT_LATELY + [429] * (12 - MAX_SENT_LATELY)
    assert len(await messages_to(services, own, person.id)) == MAX_SENT_LATELY


async def test_a_caller_cannot_send_to_any_number_of_addresses(client, own, owner_url):
    assert (await send_code(client, own, "first@patient.example")).status_code == 200
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO portal_codes (organization_id, id, identifier_digest, address_digest, code_digest, created_at, "
            "expires_at) SELECT organization_id, gen_random_uuid(), uuid_send(gen_random_uuid()), address_digest, code_digest, "
            "created_at, expires_at FROM portal_codes, generate_series(2, %s) WHERE organization_id = %s",
            (MAX_SENT_TO_ADDRESS, own.organization_id),
        )
    assert (await send_code(client, own, "next@patient.example")).status_code == 429


async def test_a_clock_that_was_ahead_locks_nobody_out(client, own, person, move):
    for _ in range(MAX_SENT_LATELY):
        await send_code(client, own, person.email)
    move(own, timedelta(hours=-3))
    assert (await send_code(client, own, person.email)).status_code == 200


# ---- guessing


async def test_a_wrong_code_is_refused_and_after_five_the_right_one_too(client, services, own, person):
    await send_code(client, own, person.email)
    code = await code_of(services, own, person.id)
    for _ in range(MAX_GUESSES):
        wrong = await verify(client, own, person.email, another(code))
        assert wrong.status_code == 400
        assert wrong.json() | {"requestId": ""} == {
            "status": 400,
            "success": False,
            "error": "Invalid verification code",
            "code": "VALIDATION_ERROR",
            "requestId": "",
        }
    assert (await verify(client, own, person.email, code)).status_code == 400


async def test_of_many_guesses_at_once_five_are_judged(client, services, own, person, owner_url):
    await send_code(client, own, person.email)
    code = await code_of(services, own, person.id)
    await asyncio.gather(*(verify(client, own, person.email, another(code)) for _ in range(20)))
    with psycopg.connect(owner_url) as conn:
        found = conn.execute("SELECT guesses FROM portal_codes WHERE organization_id = %s", (own.organization_id,))
        assert found.fetchall() == [(MAX_GUESSES,)]
    assert (await verify(client, own, person.email, code)).status_code == 400


async def test_a_code_works_once_even_when_twenty_try_at_once(client, services, own, person, owner_url):
    await send_code(client, own, person.email)
    code = await code_of(services, own, person.id)
    answers = await asyncio.gather(*(verify(client, own, person.email, code) for _ in range(MAX_GUESSES)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * (MAX_GUESSES - 1)]
    texts = {answer.json()["error"] for answer in answers if answer.status_code == 400}
    assert texts == {"Verification code already used"}
    with psycopg.connect(owner_url) as conn:
        found = conn.execute("SELECT count(*) FROM sessions WHERE patient_id = %s", (person.id,))
        assert found.fetchone() == (1,)


async def test_a_new_code_replaces_the_one_before(client, services, own, person):
    await send_code(client, own, person.email)
    first = await code_of(services, own, person.id)
    await send_code(client, own, person.email)
    second = await code_of(services, own, person.id)
    if first != second:
        assert (await verify(client, own, person.email, first)).status_code == 400
    assert (await verify(client, own, person.email, second)).status_code == 200


async def test_a_code_is_good_for_five_minutes(client, services, own, person, move):
    await send_code(client, own, person.email)
    move(own, timedelta(minutes=5, seconds=1))
    answer = await verify(client, own, person.email, await code_of(services, own, person.id))
    assert answer.status_code == 400


async def test_a_code_is_of_one_address(client, services, own, person):
    stranger = await enroll(services, own)
    await send_code(client, own, person.email)
    await send_code(client, own, stranger.email)
    answer = await verify(client, own, stranger.email, await code_of(services, own, person.id))
    if await code_of(services, own, person.id) != await code_of(services, own, stranger.id):
        assert answer.status_code == 400


async def test_whom_nobody_knows_is_refused_in_the_same_words(client, own):
    await send_code(client, own, "nobody@patient.example")
    for email in ("nobody@patient.example", "never@patient.example"):
        answer = await verify(client, own, email, "000000")
        assert (answer.status_code, answer.json()["error"]) == (400, "Invalid verification code")


async def test_a_repeated_sign_in_is_answered_again(client, services, own, person):
    await send_code(client, own, person.email)
    code, key = await code_of(services, own, person.id), {"Idempotency-Key": uuid4().hex}
    first = await verify(client, own, person.email, code, **key)
    second = await verify(client, own, person.email, code, **key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content


async def test_only_digests_are_stored(client, services, own, person, owner_url):
    await send_code(client, own, person.email)
    code = await code_of(services, own, person.id)
    with psycopg.connect(owner_url) as conn:
        row = conn.execute(
            "SELECT row_to_json(c)::text FROM portal_codes c WHERE patient_id = %s", (person.id,)
        ).fetchone()
    assert row
    assert person.email not in row[0]
    assert f'"{code}"' not in row[0]


async def test_the_sign_in_is_an_event(client, services, own, person):
    await send_code(client, own, person.email)
    await verify(client, own, person.email, await code_of(services, own, person.id))
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT actor_kind, actor_id FROM events WHERE organization_id = %s AND type = 'PATIENT_SIGNED_IN'",
            (own.organization_id,),
        )
        assert await cursor.fetchall() == [("patient", person.id)]
