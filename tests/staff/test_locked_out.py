"""Whoever tries passwords is stopped, and keeps nobody else out."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from carelane.kit import clock, passwords
from carelane.kit.errors import RateLimitedError, UnavailableError
from carelane.organizations.limits import AddressLimiter
from carelane.sessions import actions, codes
from carelane.sessions.access import DEVICE_COOKIE
from carelane.sessions.actions import Caller
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.schemas import SignInIn
from tests.factories.accounts import bearer, open_account
from tests.factories.rows import update_row
from tests.server import prepared, running_server

URL = "/api/staff/sessions"
WRONG = "not the password"


@pytest.fixture
async def account(services, clinic):
    return await open_account(services, clinic)


@asynccontextmanager
async def browser(server):
    """Keeps its cookies, as the shared client of the tests does not."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as opened:
        yield opened


def somebody(address="192.0.2.1", device=None, most=10_000):
    return Caller(address, AddressLimiter(), most, device)


async def rows(services, account, statement):
    async with services.db.reading(account.organization_id) as conn:
        return await (await conn.execute(statement, (account.id,))).fetchall()


async def lock(client, account):
    """What a stranger can do who knows the address of a member."""
    for _ in range(actions.LOCKOUT.most_failures + 1):
        assert (await client.post(URL, json=account.body(password=WRONG))).status_code == 401
    assert (await client.post(URL, json=account.body(steps=1))).status_code == 401


# ---- known devices


async def test_who_is_known_comes_in_while_strangers_have_locked_the_account(server, account):
    async with browser(server) as owner, browser(server) as stranger:
        assert (await owner.post(URL, json=account.body())).status_code == 200
        await lock(stranger, account)
        assert (await owner.post(URL, json=account.body(steps=1))).status_code == 200
        # That gives the stranger no new tries.
        assert (await stranger.post(URL, json=account.body(steps=1))).status_code == 401


async def test_the_cookie_is_for_this_server_alone_and_outlives_the_session(server, account):
    async with browser(server) as owner:
        answer = await owner.post(URL, json=account.body())
        cookies = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
        made = cookies[DEVICE_COOKIE.name]
        assert "HttpOnly" in made
        assert "SameSite=strict" in made.replace("Strict", "strict")
        before = owner.cookies[DEVICE_COOKIE.name]
        token = {"Authorization": f"Bearer {answer.json()['token']}"}
        assert (await owner.delete(f"{URL}/current", headers=token)).status_code == 204
        assert owner.cookies[DEVICE_COOKIE.name] == before
        # It is no credential: it opens nothing.
        alone = {"cookie": f"carelane_session={before}"}
        assert (await owner.get("/api/staff/me", headers=alone)).status_code == 401
        assert (await owner.get("/api/staff/me", headers={"Authorization": f"Bearer {before}"})).status_code == 401


async def test_a_known_device_has_no_more_tries_than_a_stranger(server, services, account):
    async with browser(server) as thief:
        assert (await thief.post(URL, json=account.body())).status_code == 200
        for _ in range(actions.LOCKOUT.most_failures):
            assert (await thief.post(URL, json=account.body(password=WRONG))).status_code == 401
        assert await rows(services, account, "SELECT failed_sign_ins FROM staff WHERE id = %s") == [(0,)]
        # Locked itself, it is a stranger like any other.
        for _ in range(actions.LOCKOUT.most_failures):
            assert (await thief.post(URL, json=account.body(password=WRONG))).status_code == 401
        assert (await thief.post(URL, json=account.body(steps=1))).status_code == 401


async def test_a_device_is_known_for_its_own_member_and_clinic_alone(services, clinic, other_clinic, account):
    entered = await actions.sign_in(services, SignInIn(**account.body()), somebody())
    for other in (await open_account(services, clinic), await open_account(services, other_clinic)):
        await update_row(
            services,
            other.organization_id,
            "staff",
            other.id,
            failed_sign_ins=5,
            unlocks_at=clock.now() + timedelta(minutes=5),
        )
        with pytest.raises(SignInRefusedError):
            await actions.sign_in(services, SignInIn(**other.body()), somebody(device=entered.device))


async def test_made_up_devices_are_nobody(services, account):
    await update_row(
        services,
        account.organization_id,
        "staff",
        account.id,
        failed_sign_ins=5,
        unlocks_at=clock.now() + timedelta(minutes=5),
    )
    for device in ("", "cvd_made-up", "x" * 10_000):
        with pytest.raises(SignInRefusedError):
            await actions.sign_in(services, SignInIn(**account.body()), somebody(device=device))


async def test_a_member_is_known_by_so_many_devices(services, account, monkeypatch):
    monkeypatch.setattr(actions, "MAX_DEVICES", 2)
    made = []
    for step in range(-1, 2):
        with clock.moved(timedelta(seconds=codes.STEP_SECONDS * step)):
            made.append((await actions.sign_in(services, SignInIn(**account.body(steps=step)), somebody())).device)
    assert len(await rows(services, account, "SELECT FROM staff_devices WHERE staff_id = %s")) == 2
    with clock.moved(timedelta(seconds=codes.STEP_SECONDS * 3)):
        again = await actions.sign_in(services, SignInIn(**account.body(steps=3)), somebody(device=made[-1]))
    assert again.device == made[-1]


async def test_signing_a_member_out_everywhere_forgets_the_devices(client, services, clinic, account):
    await actions.sign_in(services, SignInIn(**account.body()), somebody())
    admin = await open_account(services, clinic, "ADMIN")
    headers = await bearer(services, admin.organization_id, admin.id)
    await client.delete(f"/api/staff/members/{account.id}/sessions", headers=headers)
    assert await rows(services, account, "SELECT FROM staff_devices WHERE staff_id = %s") == []


# ---- addresses


async def test_an_address_has_so_many_failures_whatever_accounts_it_tries(services, account):
    failures = AddressLimiter(actions.SIGN_IN_WINDOW)
    attacker, other = Caller("192.0.2.1", failures, 3), Caller("192.0.2.2", failures, 3)
    for _ in range(3):
        body = account.body(email=f"{uuid4().hex}@staff.example")
        with pytest.raises(SignInRefusedError):
            await actions.sign_in(services, SignInIn(**body), attacker)
    with pytest.raises(RateLimitedError) as refused:
        await actions.sign_in(services, SignInIn(**account.body(password=WRONG)), attacker)
    assert 0 < refused.value.retry_after_seconds <= actions.SIGN_IN_WINDOW.total_seconds()
    # What was refused for its address is no failure of the account.
    assert await rows(services, account, "SELECT failed_sign_ins FROM staff WHERE id = %s") == [(0,)]
    entered = await actions.sign_in(services, SignInIn(**account.body()), other)
    # Whoever is known comes in from there, too.
    known = Caller("192.0.2.1", failures, 3, entered.device)
    assert await actions.sign_in(services, SignInIn(**account.body(steps=1)), known)


async def test_who_comes_in_is_no_failure_of_the_address(services, clinic):
    failures = AddressLimiter(actions.SIGN_IN_WINDOW)
    for _ in range(5):
        account = await open_account(services, clinic, "SUPPORT")
        await actions.sign_in(services, SignInIn(**account.body()), Caller("192.0.2.1", failures, 2))


async def test_a_proxy_says_whose_failures_they_are(tmp_path):
    """What the caller wrote before it reached the proxy is nobody's word."""
    body = {"tenant": "harbor-health", "email": "nobody@staff.example", "password": WRONG}
    data_dir = prepared(tmp_path / "data")
    with running_server(data_dir, "--workers", "1", "--no-worker", max_failed_sign_ins_per_address="3") as server:
        async with browser(server) as client:
            answers = [
                await client.post(URL, json=body, headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.{n // 4}"})
                for n in range(8)
            ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429] * 2
    assert int(answers[3].headers["retry-after"]) > 0


# ---- the queue


async def test_a_flood_from_one_address_keeps_nobody_out_and_costs_no_try(services, account):
    flood = [
        asyncio.create_task(
            actions.sign_in(services, SignInIn(**account.body(email=f"{number}@staff.example")), somebody("192.0.2.9"))
        )
        for number in range(150)
    ]
    await asyncio.sleep(0.2)
    entered = await asyncio.wait_for(actions.sign_in(services, SignInIn(**account.body()), somebody("192.0.2.1")), 3)
    assert entered.account.id == account.id
    assert sum(not task.done() for task in flood) > 50
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)


async def test_who_waits_too_long_is_told_so_and_has_lost_no_try(services, account, monkeypatch):
    monkeypatch.setattr(passwords._turns, "_wait_seconds", 0.2)
    async with passwords.turn("192.0.2.7"):
        for body in (account.body(), account.body(password=WRONG)):
            with pytest.raises(UnavailableError):
                await actions.sign_in(services, SignInIn(**body), somebody("192.0.2.7"))
    assert await rows(services, account, "SELECT failed_sign_ins FROM staff WHERE id = %s") == [(0,)]


# ---- a clock that was ahead


async def test_a_lock_of_a_clock_that_was_ahead_holds_nobody(services, account):
    with clock.moved(timedelta(days=365)):
        for _ in range(actions.LOCKOUT.most_failures):
            with pytest.raises(SignInRefusedError):
                await actions.sign_in(services, SignInIn(**account.body(password=WRONG)), somebody())
    assert await actions.sign_in(services, SignInIn(**account.body()), somebody())


@pytest.mark.parametrize(("ahead", "comes_in"), [(timedelta(hours=3), True), (timedelta(seconds=50), False)])
async def test_a_lock_that_begins_more_than_a_minute_ahead_is_stale(services, account, ahead, comes_in):
    with clock.moved(ahead):
        for _ in range(actions.LOCKOUT.most_failures):
            with pytest.raises(SignInRefusedError):
                await actions.sign_in(services, SignInIn(**account.body(password=WRONG)), somebody())
    if comes_in:
        assert await actions.sign_in(services, SignInIn(**account.body()), somebody())
    else:
        with pytest.raises(SignInRefusedError):
            await actions.sign_in(services, SignInIn(**account.body()), somebody())


async def test_a_code_of_the_future_is_forgotten(services, account):
    steps = 10 * 24 * 120
    with clock.moved(timedelta(seconds=codes.STEP_SECONDS * steps)):
        await actions.sign_in(services, SignInIn(**account.body(steps=steps)), somebody())
    assert await actions.sign_in(services, SignInIn(**account.body()), somebody())
    # And the code of now is used.
    with pytest.raises(SignInRefusedError):
        await actions.sign_in(services, SignInIn(**account.body()), somebody())
