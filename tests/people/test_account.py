"""The pages of one's own account and of the clinic's people, over HTTP."""

import re

import pytest

from carelane.sessions.access import COOKIE
from tests.people.cast import PASSWORD, code_of, new_address
from tests.people.forms import ACCOUNT, CODES, PEOPLE, SIGN_IN, TOKEN, enter, press, said, secret_in, send


@pytest.fixture
async def account(house):
    return await house.member()


@pytest.fixture
async def browser(house):
    async with house.browser() as opened:
        yield opened


# ---- one's own account


async def test_a_password_is_changed(browser, house, account):
    elsewhere = await house.bearer(account)
    await enter(browser, account)
    wrong = await press(
        browser, ACCOUNT, f"{ACCOUNT}/password", currentPassword="not the password", newPassword=PASSWORD
    )
    assert wrong.status_code == 422
    assert "current password" in said(wrong)
    done = await press(browser, ACCOUNT, f"{ACCOUNT}/password", currentPassword=account.password, newPassword=PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, f"{ACCOUNT}?done=password")
    assert (await browser.get(ACCOUNT)).status_code == 200
    assert (await house.world.client.get("/api/staff/me", headers=elsewhere)).status_code == 401


async def test_the_second_factor_is_renewed(browser, account):
    await enter(browser, account)
    path = f"{ACCOUNT}/second-factor"
    assert (await browser.get(path)).headers["location"] == ACCOUNT
    wrong = await press(browser, ACCOUNT, path, password="not the password")
    assert wrong.status_code == 422
    begun = await press(browser, ACCOUNT, path, password=account.password)
    assert (begun.status_code, begun.headers["location"]) == (303, path)
    secret = secret_in(await browser.get(path))
    assert secret != account.totp_secret
    assert (await press(browser, path, f"{path}/finish", code="000000")).status_code == 422
    made = await press(browser, path, f"{path}/finish", code=code_of(secret))
    assert len(CODES.findall(made.text)) == 10
    assert (await browser.get(path)).headers["location"] == ACCOUNT


async def test_sessions_are_ended_one_or_all(browser, house, account):
    others = [await house.bearer(account) for _ in range(3)]
    await enter(browser, account)
    shown = (await browser.get(ACCOUNT)).text
    paths = re.findall(r'action="(/console/account/sessions/[0-9a-f-]{36}/end)"', shown)
    assert len(paths) == 3
    assert (await press(browser, ACCOUNT, paths[0])).headers["location"] == f"{ACCOUNT}?done=session"
    await press(browser, ACCOUNT, paths[0])
    statuses = [(await house.world.client.get("/api/staff/me", headers=one)).status_code for one in others]
    assert sorted(statuses) == [200, 200, 401]
    await press(browser, ACCOUNT, f"{ACCOUNT}/sessions/others/end")
    statuses = [(await house.world.client.get("/api/staff/me", headers=one)).status_code for one in others]
    assert statuses == [401, 401, 401]
    assert (await browser.get(ACCOUNT)).status_code == 200


async def test_signing_out_ends_the_session(browser, account):
    await enter(browser, account)
    token = browser.cookies[COOKIE.name]
    answer = await press(browser, ACCOUNT, "/console/sign-out")
    assert answer.headers["location"] == f"{SIGN_IN}?done=out"
    assert COOKIE.name not in browser.cookies
    assert "You are signed out." in said(await browser.get(answer.headers["location"]))
    again = await browser.get(ACCOUNT, headers={"Cookie": f"{COOKIE.name}={token}"})
    assert again.status_code in {303, 401}


async def test_a_language_is_chosen_and_outlives_a_sign_in(browser, house, account):
    browser.headers["accept-language"] = "en"
    await enter(browser, account)
    assert "Change the language" in said(await browser.get(ACCOUNT))
    done = await press(browser, ACCOUNT, f"{ACCOUNT}/language", language="es")
    assert done.headers["location"] == f"{ACCOUNT}?done=language"
    assert "Cambiar el idioma" in said(await browser.get(ACCOUNT))
    assert await house.fetch("SELECT language FROM staff WHERE id = %s", account.id) == [("es",)]
    assert (await house.changes(account.id))[-1] == "LANGUAGE_CHOSEN"
    await press(browser, ACCOUNT, "/console/sign-out")
    assert '<html lang="es"' in (await browser.get(SIGN_IN)).text
    again = code_of(account.totp_secret, 1)
    await enter(browser, account, totp=again)
    shown = await browser.get(ACCOUNT)
    assert '<html lang="es"' in shown.text
    assert '<option value="es" selected>' in shown.text
    assert await house.fetch("SELECT language FROM staff WHERE id = %s", account.id) == [("es",)]
    await press(browser, ACCOUNT, f"{ACCOUNT}/language", language="")
    assert '<html lang="en"' in (await browser.get(ACCOUNT)).text
    assert await house.fetch("SELECT language FROM staff WHERE id = %s", account.id) == [("en",)]


async def test_mail_follows_the_language_that_was_chosen(browser, house, account):
    await enter(browser, account)
    await press(browser, ACCOUNT, f"{ACCOUNT}/language", language="es")
    await press(browser, ACCOUNT, "/console/sign-out")
    await send(browser, "/console/forgot", {"tenant": account.tenant, "email": account.email})
    (mail,) = await house.mails(account.email)
    assert "contraseña" in mail


@pytest.mark.parametrize("language", ["fr", "es'; x", "English", "e" * 300])
async def test_no_other_language_is_chosen(browser, house, account, language):
    await enter(browser, account)
    refused = await press(browser, ACCOUNT, f"{ACCOUNT}/language", language=language)
    assert refused.status_code == 422
    assert "Choose one of the list." in said(refused)
    assert await house.changes(account.id) == []
    assert '<html lang="en"' in (await browser.get(ACCOUNT)).text


OWN_FORMS = [
    f"{ACCOUNT}/language",
    f"{ACCOUNT}/password",
    f"{ACCOUNT}/second-factor",
    f"{ACCOUNT}/second-factor/finish",
    f"{ACCOUNT}/recovery-codes",
    f"{ACCOUNT}/sessions/others/end",
    "/console/sign-out",
    f"{PEOPLE}/invite",
]


@pytest.mark.parametrize("path", OWN_FORMS)
async def test_a_form_without_its_token_does_nothing(browser, house, path):
    await enter(browser, house.admin)
    for token in ({}, {"form_token": "x"}, {"form_token": "0" * 64}):
        fields = {"password": house.admin.password, "currentPassword": house.admin.password, "newPassword": PASSWORD}
        assert (await browser.post(path, data=fields | token)).status_code == 403
    assert (await browser.get(ACCOUNT)).status_code == 200


@pytest.mark.parametrize("path", OWN_FORMS)
async def test_without_a_session_a_form_does_nothing(browser, path):
    assert (await browser.post(path, data={"form_token": "x"})).status_code in {303, 401}


# ---- people


async def test_an_administrator_invites_and_takes_back(browser, house):
    await enter(browser, house.admin)
    address = new_address()
    fields = {"email": address, "firstName": "Noa", "lastName": "Lund", "role": "CASEWORKER", "title": "Dr."}
    bad = await press(browser, PEOPLE, f"{PEOPLE}/invite", **(fields | {"npi": "1"}))
    assert bad.status_code == 422
    assert "check digit" in said(bad)
    assert f'value="{address}"' in bad.text
    missing = await press(browser, PEOPLE, f"{PEOPLE}/invite", email=address)
    assert missing.status_code in {400, 422}
    sent = await press(browser, PEOPLE, f"{PEOPLE}/invite", **fields)
    assert sent.headers["location"] == f"{PEOPLE}?done=invited"
    token = await house.token(address)
    shown = await browser.get(PEOPLE)
    assert address in shown.text
    assert token not in shown.text
    revoke = re.search(r'action="(/console/people/invitations/[0-9a-f-]{36}/revoke)"', shown.text)
    assert revoke is not None
    assert (await press(browser, PEOPLE, revoke[1])).status_code == 303
    assert (await browser.get(f"/console/invitation/{token}")).status_code == 404
    taken = await press(browser, PEOPLE, f"{PEOPLE}/invite", **(fields | {"email": house.admin.email}))
    assert taken.status_code == 409
    assert "password already" in said(taken)


async def test_a_second_factor_is_reset_by_typing_the_address(browser, house, account):
    await enter(browser, house.admin)
    path = f"{PEOPLE}/{account.id}/reset-second-factor"
    wrong = await press(browser, PEOPLE, path, **{f"email-{account.id}": "somebody@else.example"})
    assert wrong.status_code == 422
    assert await house.changes(account.id) == []
    assert (await press(browser, PEOPLE, path, **{f"email-{account.id}": account.email.upper()})).status_code == 303
    assert await house.changes(account.id) == ["SECOND_FACTOR_RESET"]
    for act, told in (("unlock", "UNLOCKED"), ("sign-out", "SESSIONS_ENDED")):
        assert (await press(browser, PEOPLE, f"{PEOPLE}/{account.id}/{act}")).status_code == 303
        assert (await house.changes(account.id))[-1] == told


@pytest.mark.parametrize("role", ["CASEMANAGER", "CASEWORKER", "SUPPORT"])
async def test_people_are_for_administrators(browser, house, role):
    member = await house.member(role)
    await enter(browser, member)
    assert (await browser.get(PEOPLE)).status_code == 403
    token = TOKEN.search((await browser.get(ACCOUNT)).text)[1]
    answer = await browser.post(f"{PEOPLE}/{house.admin.id}/unlock", data={"form_token": token})
    assert answer.status_code == 403
    fields = {"email": new_address(), "firstName": "A", "lastName": "B", "role": "ADMIN", "form_token": token}
    assert (await browser.post(f"{PEOPLE}/invite", data=fields)).status_code == 403
