"""The pages at the door of the console, over HTTP as a browser without script has them."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from carelane.sessions import actions as sessions
from carelane.sessions.access import COOKIE
from carelane.sessions.passwords import actions as passwords
from carelane.sessions.second_factor.access import TICKET_COOKIE
from tests.factories.rows import update_row
from tests.people.cast import PASSWORD, code_of, new_address
from tests.people.forms import ACCOUNT, CODES, SET_UP, SIGN_IN, enter, form_of, press, said, secret_in, send


@pytest.fixture
async def account(house):
    return await house.member()


@pytest.fixture
async def browser(house):
    async with house.browser() as opened:
        yield opened


# ---- signing in


async def test_password_and_code_lead_to_where_one_wanted_to_go(browser, account):
    wanted = f"{ACCOUNT}?done=password"
    shown = await browser.get(SIGN_IN, params={"next": wanted, "clinic": account.tenant})
    assert shown.status_code == 200
    assert f'value="{account.tenant}"' in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    answer = await enter(browser, account, next=wanted)
    assert answer.headers["location"] == wanted
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{COOKIE.name}="))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    # The next time, one need not type the organization.
    assert f'value="{account.tenant}"' in (await browser.get(SIGN_IN)).text
    assert (await browser.get(ACCOUNT)).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/console//evil.example",
        "/console\\@evil.example",
        "/console\r\nX: y",
        "/api/staff/me",
        "/consoles",
        "javascript:alert(1)",
        "/console/sign-in?next=/console",
        "/console/sign-out",
        "/console/demo/x",
        "/console/%73ign-out",
        "/console/../api/staff/me",
        "/console/%2e%2E/api/staff/me",
        "/console/./sign-in",
        "/console/\t/evil.example",
        "/console/\n",
        "/\t/evil.example",
        "\t//evil.example",
        " /console",
        "/%2f/evil.example",
        "%2fconsole",
        "//evil.example/console",
        "/console/%2f%2fevil.example/../..",
        "http:/console",
        "console",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "/console/\u2028",
        "",
    ],
)
async def test_nobody_is_led_elsewhere(browser, account, elsewhere):
    shown = await browser.get(SIGN_IN, params={"next": elsewhere})
    assert 'name="next" value="/console"' in shown.text
    assert (await enter(browser, account, next=elsewhere)).headers["location"] == "/console"


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "not the password"},
        {"totp": "000000"},
        {"totp": ""},
        {"tenant": "no-such-clinic"},
        {"email": "nobody@staff.example"},
        {"recoveryCode": "AAAAA-AAAAA"},
    ],
)
async def test_who_is_refused_keeps_what_was_typed_but_no_secret(browser, account, changes):
    form = form_of(account, next=ACCOUNT, **changes)
    answer = await send(browser, SIGN_IN, form)
    assert answer.status_code == 422
    assert COOKIE.name not in answer.cookies
    assert form["email"] in answer.text
    assert f'name="next" value="{ACCOUNT}"' in answer.text
    for secret in (form["password"], account.password):
        assert secret not in answer.text
    assert "is wrong, or the code was used before" in said(answer)


async def test_five_failures_lock_and_the_page_does_not_say_so(browser, account):
    texts = set()
    for _ in range(sessions.LOCKOUT.most_failures):
        texts.add(said(await send(browser, SIGN_IN, form_of(account, password="not the password"))))
    texts.add(said(await send(browser, SIGN_IN, form_of(account))))
    assert len(texts) == 1


async def test_a_form_of_another_site_signs_nobody_in(browser, account):
    for site in ("cross-site", "same-site"):
        answer = await send(browser, SIGN_IN, form_of(account), headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_a_recovery_code_signs_in_and_is_one_fewer(browser, house, account):
    await enter(browser, account)
    made = await press(browser, ACCOUNT, f"{ACCOUNT}/recovery-codes", password=account.password)
    codes = CODES.findall(made.text)
    assert len(codes) == 10
    async with house.browser() as elsewhere:
        shown = await elsewhere.get(SIGN_IN, params={"recovery": "1"})
        assert "Recovery code" in said(shown)
        await enter(elsewhere, account, totp="", recoveryCode=codes[0].lower())
        assert "9 of ten are left" in said(await elsewhere.get(ACCOUNT))
        again = await send(elsewhere, SIGN_IN, form_of(account, recoveryCode=codes[0]))
        assert again.status_code == 422


# ---- the first way in


async def test_from_the_invitation_to_the_account(house, browser):
    address = new_address()
    await house.invite(address)
    path = f"/console/invitation/{await house.token(address)}"
    shown = await browser.get(path)
    assert (shown.status_code, shown.headers["referrer-policy"]) == (200, "no-referrer")
    assert "Welcome, Noa" in said(shown)

    short = await send(browser, path, {"password": "elevenchars", "again": "elevenchars"})
    assert short.status_code == 422
    assert "at least 12 characters" in said(short)
    assert "elevenchars" not in short.text
    differ = await send(browser, path, {"password": PASSWORD, "again": "another"})
    assert differ.status_code == 422
    assert "differ" in said(differ)

    chosen = await send(browser, path, {"password": PASSWORD, "again": PASSWORD})
    assert (chosen.status_code, urlsplit(chosen.headers["location"]).path) == (303, SET_UP)
    assert COOKIE.name not in browser.cookies
    over = await browser.get(path)
    assert (over.status_code, "This link is over" in said(over)) == (404, True)

    shown = await browser.get(chosen.headers["location"])
    secret = secret_in(shown)
    assert 'src="data:image/svg+xml' in shown.text
    wrong = await send(browser, SET_UP, {"code": "000000"})
    assert wrong.status_code == 422
    assert secret_in(wrong) == secret
    made = await send(browser, SET_UP, {"code": code_of(secret), "next": "/console"})
    assert made.status_code == 200
    assert len(CODES.findall(made.text)) == 10
    assert secret not in made.text
    assert TICKET_COOKIE.name not in browser.cookies
    account_page = await browser.get(ACCOUNT)
    assert account_page.status_code == 200
    assert secret not in account_page.text
    # Nothing is set up any more.
    gone = await browser.get(SET_UP)
    assert (gone.status_code, urlsplit(gone.headers["location"]).path) == (303, SIGN_IN)


async def test_support_is_signed_in_at_once(house, browser):
    address = new_address()
    await house.invite(address, "SUPPORT")
    path = f"/console/invitation/{await house.token(address)}"
    answer = await send(browser, path, {"password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert (await browser.get(ACCOUNT)).status_code == 200


async def test_who_has_no_second_factor_sets_it_up_at_the_sign_in(house, browser, account):
    await update_row(house.services, house.organization_id, "staff", account.id, totp_secret_sealed=None)
    answer = await enter(browser, account, totp="", next=ACCOUNT)
    assert urlsplit(answer.headers["location"]).path == SET_UP
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"next": [ACCOUNT]}
    secret = secret_in(await browser.get(answer.headers["location"]))
    made = await send(browser, SET_UP, {"code": code_of(secret), "next": ACCOUNT})
    assert f'href="{ACCOUNT}"' in made.text


async def test_without_a_ticket_nothing_is_set_up(browser):
    for answer in (await browser.get(SET_UP), await send(browser, SET_UP, {"code": "123456"}, SIGN_IN)):
        assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, SIGN_IN)


# ---- a password that was forgotten


async def test_a_forgotten_password_is_reset_by_mail(house, browser, account):
    nobody = {"tenant": account.tenant, "email": "nobody@staff.example"}
    known = {"tenant": account.tenant, "email": account.email}
    answers = [await send(browser, "/console/forgot", form) for form in (nobody, known)]
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, "/console/forgot?done=sent")}
    assert "If there is such an account" in said(await browser.get("/console/forgot?done=sent"))
    path = f"/console/reset/{await house.token(account.email)}"
    assert (await browser.get(path)).status_code == 200
    answer = await send(browser, path, {"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["location"] == f"{SIGN_IN}?done=reset"
    assert "The password is changed" in said(await browser.get(answer.headers["location"]))
    assert (await browser.get(path)).status_code == 404
    await enter(browser, account, password=PASSWORD)


async def test_made_up_links_are_over(browser):
    for path in ("/console/invitation/x", f"/console/reset/{'A' * 64}", "/console/invitation/%00"):
        answer = await browser.get(path)
        assert answer.status_code in {400, 404}


async def test_an_unknown_address_takes_as_long(house, browser, account):
    for email in ("nobody@staff.example", account.email):
        began = time.monotonic()
        await send(browser, "/console/forgot", {"tenant": account.tenant, "email": email})
        assert time.monotonic() - began >= passwords.ANSWER_SECONDS
