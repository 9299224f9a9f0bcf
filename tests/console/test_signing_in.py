"""The door: signing in with password and code, being led back, leaving; and who is not let in."""

import re

import httpx
import pytest

from carelane.console.access import safe_next
from carelane.sessions.access import COOKIE
from tests.factories.accounts import open_account, sign_in

SIGN_IN = "/console/sign-in"


@pytest.fixture
async def account(services, clinic):
    return await open_account(services, clinic, "ADMIN")


@pytest.fixture
async def visitor(server):
    """A browser's client: it keeps its own cookies."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        yield client


def token_in(page: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found is not None
    return found[1]


async def send(visitor, account, **changes):
    token = token_in((await visitor.get(SIGN_IN)).text)
    return await visitor.post(SIGN_IN, data={"form_token": token, "next": "/console", **account.body(), **changes})


async def test_the_root_leads_in(visitor):
    answer = await visitor.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


async def test_whoever_has_no_session_signs_in_and_comes_back(visitor, account):
    led = await visitor.get("/console?x=1")
    assert (led.status_code, led.headers["location"]) == (303, f"{SIGN_IN}?next=%2Fconsole%3Fx%3D1")
    entered = await send(visitor, account, next="/console?x=1")
    assert (entered.status_code, entered.headers["location"]) == (303, "/console?x=1")
    home = await visitor.get("/console")
    assert home.status_code == 200
    assert "Vera Lund" in home.text
    assert home.headers["cache-control"] == "no-store"
    left = await visitor.post("/console/sign-out", data={"form_token": token_in(home.text)})
    assert left.headers["location"] == f"{SIGN_IN}?done=out"
    assert COOKIE.name not in visitor.cookies
    assert (await visitor.get("/console")).status_code == 303


async def test_the_language_of_a_browser_is_the_members_and_a_programs_is_nothing(visitor, account, services, client):
    async def language():
        async with services.db.reading(account.organization_id) as conn:
            said = await conn.execute("SELECT language FROM staff WHERE id = %s", (account.id,))
            return (await said.fetchall())[0][0]

    visitor.headers["accept-language"] = "es"
    assert (await send(visitor, account)).status_code == 303
    assert await language() == "es"
    assert (await sign_in(client, account, steps=1)).status_code == 200
    assert await language() == "es"


@pytest.mark.parametrize(
    "place",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/console//evil.example",
        "/console/\\evil.example",
        "/consoles",
        "/api/staff/me",
        "/console/x\n",
        "/console/ü",
        SIGN_IN,
    ],
)
def test_a_link_leads_nowhere_else(place):
    assert safe_next(place) == "/console"


@pytest.mark.parametrize(
    "place", ["/console", "/console?x=1", "/console/cases/7?tab=files", "/console/search?q=a%2F%2Fb"]
)
def test_a_link_leads_into_the_console(place):
    assert safe_next(place) == place


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"totp": "000000"}, {"tenant": "nobody"}, {"email": "nobody@staff.example"}]
)
async def test_a_refusal_keeps_what_is_no_secret(visitor, account, changes):
    refused = await send(visitor, account, **changes)
    assert refused.status_code == 422
    assert "You are not signed in" in refused.text
    assert changes.get("email", account.email) in refused.text
    assert account.password not in refused.text


async def test_what_is_missing_is_named(visitor, account):
    refused = await send(visitor, account, email="")
    assert refused.status_code == 422
    assert 'href="#f-email"' in refused.text
    assert 'aria-invalid="true"' in refused.text


async def test_a_session_that_ended_says_so(visitor):
    visitor.cookies.set(COOKIE.name, "cvt_unknown")
    led = await visitor.get("/console")
    assert led.headers["location"] == f"{SIGN_IN}?next=%2Fconsole&ended=1"
    assert "You were signed out" in (await visitor.get(led.headers["location"])).text


async def test_an_address_that_leads_nowhere_is_a_page(visitor):
    for path in ("/console/nothing", "/console/assets/x/y.css"):
        answer = await visitor.get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


async def test_assets_are_kept_for_good_by_their_content(visitor):
    page = (await visitor.get(SIGN_IN)).text
    for url in re.findall(r'"(/console/assets/[^"]+)"', page):
        assert "immutable" in (await visitor.get(url)).headers["cache-control"]
    other = await visitor.get("/console/assets/0000/console.css")
    assert other.headers["cache-control"] == "no-store"
