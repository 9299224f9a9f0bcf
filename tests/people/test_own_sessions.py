"""One's own sessions: which there are, ending them, and ending by idling."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from carelane.kit import clock
from carelane.kit.errors import WrongCredentialError
from carelane.sessions.access import actor_for
from carelane.sessions.actions import sign_in
from carelane.sessions.own.actions import end_other_sessions
from carelane.sessions.schemas import SignInIn
from carelane.web.html.agents import agent_name
from tests.people.cast import caller

ME, OWN = "/api/staff/me", "/api/staff/me/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
async def account(house):
    return await house.member()


async def test_they_are_listed_the_current_one_first(house, account):
    client = house.world.client
    opened = await client.post("/api/staff/sessions", json=account.body(), headers={"User-Agent": FIREFOX})
    client.cookies.clear()
    here = await house.bearer(account)
    shown = (await client.get(OWN, headers=here)).json()["sessions"]
    assert [one["isCurrent"] for one in shown] == [True, False]
    assert [one["agent"] for one in shown] == [None, "Firefox on Linux"]
    assert opened.json()["token"] not in str(shown)


async def test_one_ends_another_of_ones_own_and_nobody_elses(house, account):
    client, here, elsewhere = house.world.client, await house.bearer(account), await house.bearer(account)
    other = await house.bearer(await house.member())
    sessions = (await client.get(OWN, headers=here)).json()["sessions"]
    path = f"{OWN}/{next(one['id'] for one in sessions if not one['isCurrent'])}"
    assert (await client.delete(path, headers=other)).status_code == 404
    assert (await client.get(ME, headers=elsewhere)).status_code == 200
    assert (await client.delete(path, headers=here)).status_code == 204
    assert (await client.get(ME, headers=elsewhere)).status_code == 401
    assert (await client.delete(path, headers=here)).status_code == 404
    for ref in ("nonsense", str(uuid4())):
        assert (await client.delete(f"{OWN}/{ref}", headers=here)).status_code == 404
    assert await house.changes(account.id) == ["SESSION_ENDED"]


async def test_all_others_end_at_once(house, account):
    here, elsewhere = await house.bearer(account), [await house.bearer(account) for _ in range(2)]
    token = here["Authorization"].removeprefix("Bearer ")
    actor = await actor_for(house.services, token, "staff", None)
    assert await end_other_sessions(house.services, actor, token) == 2
    assert await end_other_sessions(house.services, actor, token) == 0
    client = house.world.client
    assert (await client.get(ME, headers=here)).status_code == 200
    for headers in elsewhere:
        assert (await client.get(ME, headers=headers)).status_code == 401


async def test_without_a_session_nothing_is_shown_or_ended(house):
    client = house.world.client
    for method, path in (("GET", OWN), ("DELETE", f"{OWN}/{uuid4()}")):
        assert (await client.request(method, path)).status_code == 401
        wrong = {"Authorization": "Bearer cvt_unknown"}
        assert (await client.request(method, path, headers=wrong)).status_code == 401


async def test_looking_at_a_page_that_refreshes_itself_is_no_use_of_the_session(house, account):
    """Else nobody would ever be signed out for doing nothing."""
    from_console = msgspec.structs.replace(caller(), agent="Firefox on Linux", idle=timedelta(minutes=2))
    token = (await sign_in(house.services, SignInIn(**account.body()), from_console)).session.token
    ends = "SELECT idle_ends_at FROM sessions WHERE agent = 'Firefox on Linux'"
    # As if the last use had been more than a minute ago.
    async with house.services.db.transaction(await actor_for(house.services, token, "staff", None)) as conn:
        await conn.execute("UPDATE sessions SET idle_ends_at = now() + interval '30 seconds' WHERE agent IS NOT NULL")
    before = await house.fetch(ends)
    await actor_for(house.services, token, "staff", None, is_use=False)
    assert await house.fetch(ends) == before
    await actor_for(house.services, token, "staff", None)
    assert await house.fetch(ends) > before
    with clock.moved(timedelta(minutes=2, seconds=5)), pytest.raises(WrongCredentialError):
        await actor_for(house.services, token, "staff", None, is_use=False)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("curl/8.5.0", None),
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/126 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Android" * 10_000, "Android"),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_two_words(header, name):
    assert agent_name(header) == name
