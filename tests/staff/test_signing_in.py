"""POST /api/staff/sessions: who gets in, who does not, and that nothing tells why."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from carelane.kit import clock
from carelane.organizations.limits import AddressLimiter
from carelane.sessions import actions
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.schemas import SignInIn
from tests.factories.accounts import bearer, open_account, sign_in
from tests.factories.rows import update_row

SOMEBODY = actions.Caller("192.0.2.1", AddressLimiter(), 10_000)


@pytest.fixture
async def account(services, clinic):
    return await open_account(services, clinic)


async def column(services, account, name):
    async with services.db.reading(account.organization_id) as conn:
        cursor = await conn.execute(f"SELECT {name} FROM staff WHERE id = %s", (account.id,))
        return (await cursor.fetchone())[0]


async def test_password_and_code_open_a_session(client, account):
    answer = await sign_in(client, account, email=account.email.upper())

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["member"] == {"id": str(account.id), "firstName": "Vera", "lastName": "Lund", "role": "CASEWORKER"}
    me = await client.get("/api/staff/me", headers={"Authorization": f"Bearer {body['token']}"})
    assert me.json()["member"]["email"] == account.email


async def test_support_needs_no_code(client, services, clinic):
    support = await open_account(services, clinic, "SUPPORT")
    assert (await sign_in(client, support)).status_code == 200


async def test_whoever_sees_health_information_needs_one(client, services, account):
    await update_row(services, account.organization_id, "staff", account.id, totp_secret_sealed=None)
    assert (await sign_in(client, account)).status_code == 401


async def test_every_refusal_says_the_same_and_takes_as_long(client, services, account, other_clinic):
    deactivated = await open_account(services, other_clinic, deactivated_at="2026-01-01T00:00:00Z")
    bodies = [
        account.body(password="not the password"),
        account.body(email="nobody@staff.example"),
        account.body(tenant=other_clinic.tenant),
        account.body(tenant="no-such-clinic"),
        account.body(steps=3),
        account.body(steps=-3),
        account.body(totp=None),
        account.body(totp="١٢٣٤٥٦"),
        deactivated.body(),
    ]
    for body in bodies:
        # The account may not be locked by the tries before.
        await update_row(services, account.organization_id, "staff", account.id, failed_sign_ins=0)
        began = time.monotonic()
        answer = await client.post("/api/staff/sessions", json=body)
        assert time.monotonic() - began >= actions.REFUSAL_SECONDS
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() | {"requestId": ""} == {
            "type": "urn:carelane:sign-in-refused",
            "title": "Sign-in refused",
            "status": 401,
            "detail": str(SignInRefusedError()),
            "requestId": "",
        }
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tenant"),
        ({"tenant": "a", "email": "b", "password": 1}, "password"),
        ({"tenant": "a", "email": "b", "password": "c" * 501}, "password"),
        ({"tenant": "a", "email": "b\0", "password": "c"}, "email"),
    ],
)
async def test_bad_bodies_name_the_field(client, body, field):
    answer = await client.post("/api/staff/sessions", json=body)
    assert answer.status_code == 400
    assert field in [problem["field"] for problem in answer.json()["errors"]]


async def test_a_code_works_once(client, account):
    body = account.body()
    assert (await client.post("/api/staff/sessions", json=body)).status_code == 200
    client.cookies.clear()
    assert (await client.post("/api/staff/sessions", json=body)).status_code == 401
    assert (await sign_in(client, account, steps=1)).status_code == 200
    # What comes before a code that was used is used, too.
    assert (await client.post("/api/staff/sessions", json=body)).status_code == 401


async def test_of_many_at_once_with_one_code_one_gets_in(client, account):
    body = account.body()
    answers = await asyncio.gather(*(client.post("/api/staff/sessions", json=body) for _ in range(4)))
    client.cookies.clear()
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_five_failures_lock_even_the_right_password_out(client, services, account, clinic):
    for _ in range(actions.LOCKOUT.most_failures):
        assert (await sign_in(client, account, password="not the password")).status_code == 401
    assert (await sign_in(client, account)).status_code == 401

    admin = await open_account(services, clinic, "ADMIN")
    headers = await bearer(services, admin.organization_id, admin.id)
    unlocked = await client.post(f"/api/staff/members/{account.id}/unlock", headers=headers)
    assert unlocked.json()["member"]["lockedUntil"] is None
    assert (await sign_in(client, account)).status_code == 200


async def test_wrong_codes_count_as_failures(client, services, account):
    for _ in range(2):
        await sign_in(client, account, totp="000000")
    assert await column(services, account, "failed_sign_ins") == 2
    assert (await sign_in(client, account)).status_code == 200
    assert await column(services, account, "failed_sign_ins") == 0


async def test_twelve_at_once_get_no_more_tries_than_one_after_the_other(client, services, account):
    body = account.body(password="not the password")
    answers = await asyncio.gather(*(client.post("/api/staff/sessions", json=body) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {401}
    assert await column(services, account, "failed_sign_ins") == actions.LOCKOUT.most_failures


async def test_each_further_lock_lasts_twice_as_long(services, account):
    wrong = SignInIn(tenant=account.tenant, email=account.email, password="not the password")
    waited = timedelta()
    for minutes in (15, 30, 60):
        with clock.moved(waited):
            for _ in range(actions.LOCKOUT.most_failures):
                with pytest.raises(SignInRefusedError):
                    await actions.sign_in(services, wrong, SOMEBODY)
            lasts = await column(services, account, "unlocks_at") - clock.now()
        assert timedelta(minutes=minutes) - timedelta(seconds=10) < lasts <= timedelta(minutes=minutes)
        waited += timedelta(minutes=minutes, seconds=1)


async def test_a_lock_ends_by_itself(services, account):
    locked = {"failed_sign_ins": 5, "unlocks_at": clock.now() + timedelta(seconds=60)}
    await update_row(services, account.organization_id, "staff", account.id, **locked)
    with pytest.raises(SignInRefusedError):
        await actions.sign_in(services, SignInIn(**account.body()), SOMEBODY)
    with clock.moved(timedelta(seconds=60)):
        entered = await actions.sign_in(services, SignInIn(**account.body(steps=2)), SOMEBODY)
    assert entered.account.id == account.id


async def test_a_hash_of_weaker_parameters_is_replaced(client, services, account):
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(account.password)
    await update_row(services, account.organization_id, "staff", account.id, password_hash=weak)
    assert (await sign_in(client, account)).status_code == 200
    assert (await column(services, account, "password_hash")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await sign_in(client, account, steps=1)).status_code == 200


async def test_secrets_are_neither_stored_nor_printed_in_the_clear(services, account):
    entered = await actions.sign_in(services, SignInIn(**account.body()), SOMEBODY)
    assert account.password not in await column(services, account, "password_hash")
    sealed = bytes(await column(services, account, "totp_secret_sealed"))
    assert account.totp_secret.encode() not in sealed
    assert entered.session.token not in repr(entered) + repr(entered.session) + repr(entered.account)
    assert account.password not in repr(SignInIn(**account.body()))
    assert UUID(str(entered.account.id)) == account.id
