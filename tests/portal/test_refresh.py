"""Refresh tokens: each works once, a second use ends the family, and time ends it too."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.portal.cast import AUTH, sign_in

REFRESH, LOGOUT = f"{AUTH}/refresh-token", f"{AUTH}/logout"


@pytest.fixture
def shift(owner_url):
    """Moves the moments of a patient's sessions."""

    def moved(person, column: str, by: timedelta) -> None:
        with psycopg.connect(owner_url, autocommit=True) as conn:
            conn.execute(f"UPDATE sessions SET {column} = {column} + %s WHERE patient_id = %s", (by, person.id))

    return moved


async def refresh(client, clinic, token, **headers):
    return await client.post(REFRESH, json={"refresh_token": token}, headers=clinic.key | headers)


async def test_a_refresh_gives_new_tokens(client, services, own, person):
    tokens = await sign_in(client, services, own, person)
    answer = await refresh(client, own, tokens["refreshToken"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    data = answer.json()["data"]
    assert data["refreshToken"] != tokens["refreshToken"]
    assert (await refresh(client, own, data["refreshToken"])).status_code == 200


async def test_a_token_that_is_used_twice_ends_the_family(client, services, own, person):
    tokens = await sign_in(client, services, own, person)
    newer = (await refresh(client, own, tokens["refreshToken"])).json()["data"]
    replayed = await refresh(client, own, tokens["refreshToken"])
    assert (replayed.status_code, replayed.json()["code"]) == (401, "REFRESH_REUSED")
    # Whoever has the newer token, patient or thief, is out as well.
    assert (await refresh(client, own, newer["refreshToken"])).json()["code"] == "REFRESH_INVALID"
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT value_after FROM events WHERE organization_id = %s AND type = 'PATIENT_SIGNED_OUT'",
            (own.organization_id,),
        )
        assert await cursor.fetchall() == [("REFRESH_TOKEN_REUSED",)]


async def test_another_sign_in_of_the_patient_goes_on(client, services, own, person):
    first, second = [await sign_in(client, services, own, person) for _ in range(2)]
    await refresh(client, own, first["refreshToken"])
    await refresh(client, own, first["refreshToken"])
    assert (await refresh(client, own, second["refreshToken"])).status_code == 200


async def test_of_many_at_once_one_gets_new_tokens_and_the_family_ends(client, services, own, person):
    tokens = await sign_in(client, services, own, person)
    answers = await asyncio.gather(*(refresh(client, own, tokens["refreshToken"]) for _ in range(16)))
    given = [answer for answer in answers if answer.status_code == 200]
    assert len(given) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 200} == {"REFRESH_REUSED"}
    assert (await refresh(client, own, given[0].json()["data"]["refreshToken"])).status_code == 401


async def test_a_lost_answer_is_given_again_under_its_key(client, services, own, person):
    tokens = await sign_in(client, services, own, person)
    key = {"Idempotency-Key": uuid4().hex}
    first = await refresh(client, own, tokens["refreshToken"], **key)
    again = await refresh(client, own, tokens["refreshToken"], **key)
    assert again.content == first.content
    assert (await refresh(client, own, first.json()["data"]["refreshToken"])).status_code == 200


@pytest.mark.parametrize("column", ["idle_ends_at", "expires_at"])
async def test_a_family_ends_with_time(client, services, own, person, shift, column):
    tokens = await sign_in(client, services, own, person)
    shift(person, column, timedelta(days=-91))
    assert (await refresh(client, own, tokens["refreshToken"])).json()["code"] == "REFRESH_INVALID"


async def test_a_refresh_makes_the_family_last_longer_but_never_beyond_its_end(
    client, services, own, person, shift, owner_url
):
    tokens = await sign_in(client, services, own, person)
    shift(person, "idle_ends_at", timedelta(days=-29))
    shift(person, "expires_at", timedelta(days=-80))
    assert (await refresh(client, own, tokens["refreshToken"])).status_code == 200
    with psycopg.connect(owner_url) as conn:
        row = conn.execute(
            "SELECT idle_ends_at = expires_at FROM sessions WHERE patient_id = %s", (person.id,)
        ).fetchone()
    assert row == (True,)


async def test_logging_out_ends_the_family_and_says_nothing(client, services, own, person):
    tokens = await sign_in(client, services, own, person)
    for token in (tokens["refreshToken"], tokens["refreshToken"], "cvr_unknown"):
        answer = await client.post(LOGOUT, json={"refresh_token": token}, headers=own.key)
        assert (answer.status_code, answer.json()) == (200, {"status": 200, "success": True})
    assert (await refresh(client, own, tokens["refreshToken"])).status_code == 401


async def test_another_clinic_can_neither_use_nor_end_it(client, services, own, person, other_clinic):
    tokens = await sign_in(client, services, own, person)
    answer = await refresh(client, other_clinic, tokens["refreshToken"])
    assert (answer.status_code, answer.json()["code"]) == (401, "REFRESH_INVALID")
    await client.post(LOGOUT, json={"refresh_token": tokens["refreshToken"]}, headers=other_clinic.key)
    assert (await refresh(client, own, tokens["refreshToken"])).status_code == 200


@pytest.mark.parametrize("token", ["cvr_unknown", "x", "🙂", "a" * 200])
async def test_an_unknown_token_is_refused(client, own, token):
    answer = await refresh(client, own, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "REFRESH_INVALID")
