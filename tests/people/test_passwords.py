"""Passwords that are changed, and those that were forgotten."""

import asyncio
import time
from datetime import timedelta

import pytest

from carelane.kit import clock
from carelane.kit.auth import digest
from carelane.kit.errors import RateLimitedError
from carelane.organizations.limits import AddressLimiter
from carelane.sessions import actions as sessions
from carelane.sessions.access import Caller
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.invitations.errors import LinkOverError
from carelane.sessions.passwords import actions
from carelane.sessions.passwords.actions import ask_for_reset, reset_password
from carelane.sessions.schemas import SignInIn
from tests.factories.accounts import sign_in
from tests.factories.rows import update_row
from tests.people.cast import PASSWORD, PUBLIC_URL, caller

ME, OWN = "/api/staff/me", "/api/staff/me/password"


@pytest.fixture
async def account(house):
    return await house.member()


async def ask(house, account, **changes):
    await ask_for_reset(
        house.services, changes.get("tenant", account.tenant), changes.get("email", account.email), caller()
    )


async def test_a_link_sets_another_password_and_ends_every_session(house, account):
    headers = await house.bearer(account)
    device = await sessions.sign_in(house.services, SignInIn(**account.body()), caller())
    await ask(house, account, email=account.email.upper())
    token = await house.token(account.email)
    [text] = await house.mails(account.email)
    assert f"{PUBLIC_URL}/console/reset/{token}" in text

    await reset_password(house.services, token, PASSWORD, caller())

    client = house.world.client
    assert (await client.get(ME, headers=headers)).status_code == 401
    assert (await sign_in(client, account, steps=1)).status_code == 401
    # The second factor stays.
    assert (await sign_in(client, account, steps=1, password=PASSWORD, totp=None)).status_code == 401
    assert (await sign_in(client, account, steps=1, password=PASSWORD)).status_code == 200
    assert await house.changes(account.id) == ["RESET_ASKED", "PASSWORD_RESET"]
    assert not await house.fetch("SELECT FROM staff_devices WHERE token_digest = %s", digest(device.device))


async def test_a_link_works_once_of_many_at_once(house, account):
    await ask(house, account)
    token = await house.token(account.email)
    tries = [reset_password(house.services, token, f"{PASSWORD} {n}", caller(f"192.0.2.{n}")) for n in range(4)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["LinkOverError"] * 3 + ["NoneType"]


async def test_with_one_link_the_others_are_over(house, account):
    for _ in range(2):
        await ask(house, account)
    texts = await house.mails(account.email, 2)
    first, second = (text.partition("/console/reset/")[2].split()[0] for text in texts)
    await reset_password(house.services, second, PASSWORD, caller())
    with pytest.raises(LinkOverError):
        await reset_password(house.services, first, f"{PASSWORD} too", caller())


async def test_a_link_is_good_for_half_an_hour(house, account):
    await ask(house, account)
    token = await house.token(account.email)
    with clock.moved(timedelta(minutes=30, seconds=1)), pytest.raises(LinkOverError):
        await reset_password(house.services, token, PASSWORD, caller())


async def test_nothing_tells_whether_there_is_such_an_account(house, account):
    stranger = {"email": "nobody@staff.example"}
    for changes in ({}, stranger, {"tenant": "no-such-clinic"}, {"email": "\N{BULLET}"}):
        began = time.monotonic()
        await ask(house, account, **changes)
        assert time.monotonic() - began >= actions.ANSWER_SECONDS
    assert len(await house.mails(account.email)) == 1
    assert await house.fetch("SELECT count(*) FROM staff_links") == [(1,)]


async def test_nobody_is_sent_more_than_a_few(house, account):
    await asyncio.gather(*(ask(house, account) for _ in range(actions.MAX_SENT_LATELY + 3)))
    counted = "SELECT count(*) FROM staff_links WHERE staff_id = %s"
    assert await house.fetch(counted, account.id) == [(actions.MAX_SENT_LATELY,)]
    for hours in range(1, 10):
        with clock.moved(timedelta(hours=hours)):
            for _ in range(2):
                await ask(house, account)
    assert await house.fetch(counted, account.id) == [(actions.MAX_SENT_IN_A_DAY,)]


async def test_an_address_may_ask_so_often_whoever_it_names(house, account):
    limited = Caller("192.0.2.9", AddressLimiter(), 2)
    for email in ("nobody@staff.example", account.email):
        await ask_for_reset(house.services, account.tenant, email, limited)
    with pytest.raises(RateLimitedError):
        await ask_for_reset(house.services, account.tenant, account.email, limited)


async def test_who_has_no_password_or_is_inactive_gets_nothing(house, account):
    await update_row(house.services, house.organization_id, "staff", account.id, deactivated_at="2026-01-01T00:00:00Z")
    await ask(house, account)
    await update_row(
        house.services, house.organization_id, "staff", account.id, deactivated_at=None, password_hash=None
    )
    await ask(house, account)
    assert await house.fetch("SELECT count(*) FROM staff_links") == [(0,)]


async def test_a_reset_ends_a_lock_that_strangers_made(house, account):
    for _ in range(sessions.LOCKOUT.most_failures):
        assert (await sign_in(house.world.client, account, password="not the password")).status_code == 401
    await ask(house, account)
    await reset_password(house.services, await house.token(account.email), PASSWORD, caller())
    assert (await sign_in(house.world.client, account, password=PASSWORD)).status_code == 200


async def test_a_password_is_changed_with_the_current_one_and_other_sessions_end(house, account):
    client, here, elsewhere = house.world.client, await house.bearer(account), await house.bearer(account)
    body = {"currentPassword": account.password, "newPassword": PASSWORD}
    assert (await client.put(OWN, json=body, headers=here)).status_code == 204
    assert (await client.get(ME, headers=here)).status_code == 200
    assert (await client.get(ME, headers=elsewhere)).status_code == 401
    assert (await sign_in(client, account)).status_code == 401
    assert (await sign_in(client, account, password=PASSWORD)).status_code == 200
    assert await house.changes(account.id) == ["PASSWORD_CHANGED"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"newPassword": PASSWORD}, 400, "currentPassword"),
        ({"currentPassword": "not the password", "newPassword": PASSWORD}, 422, "currentPassword"),
        ({"currentPassword": "OWN", "newPassword": "elevenchars"}, 422, "newPassword"),
        ({"currentPassword": "OWN", "newPassword": " " * 12}, 422, "newPassword"),
        ({"currentPassword": "OWN", "newPassword": "x" * 501}, 400, "newPassword"),
        ({"currentPassword": "OWN", "newPassword": "OWN"}, 422, "newPassword"),
    ],
)
async def test_what_is_wrong_is_named_and_never_repeated(house, account, body, status, field):
    sent = {name: account.password if value == "OWN" else value for name, value in body.items()}
    answer = await house.world.client.put(OWN, json=sent, headers=await house.bearer(account))
    assert answer.status_code == status
    assert field in [problem["field"] for problem in answer.json()["errors"]]
    assert account.password not in answer.text
    assert PASSWORD not in answer.text


async def test_wrong_current_passwords_lock_as_wrong_sign_ins_do(house, account):
    headers, client = await house.bearer(account), house.world.client
    for _ in range(sessions.LOCKOUT.most_failures):
        body = {"currentPassword": "not the password", "newPassword": PASSWORD}
        assert (await client.put(OWN, json=body, headers=headers)).status_code == 422
    body = {"currentPassword": account.password, "newPassword": PASSWORD}
    assert (await client.put(OWN, json=body, headers=headers)).status_code == 422
    with pytest.raises(SignInRefusedError):
        await sessions.sign_in(house.services, SignInIn(**account.body()), caller())


async def test_of_two_changes_at_once_one_is_made(house, account):
    headers, client = await house.bearer(account), house.world.client
    bodies = [{"currentPassword": account.password, "newPassword": f"{PASSWORD} {n}"} for n in range(3)]
    answers = await asyncio.gather(*(client.put(OWN, json=body, headers=headers) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422]


async def test_without_a_session_nothing_is_changed(house):
    body = {"currentPassword": "x", "newPassword": PASSWORD}
    assert (await house.world.client.put(OWN, json=body)).status_code == 401
    wrong = {"Authorization": "Bearer cvt_unknown"}
    assert (await house.world.client.put(OWN, json=body, headers=wrong)).status_code == 401
