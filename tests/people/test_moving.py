"""A member's e-mail address, changed by an administrator: who is told, and what of before is good no more."""

import asyncio
from uuid import uuid4

import pytest

from carelane.kit import passwords
from carelane.kit.auth import system_actor
from carelane.sessions import actions as sessions
from carelane.sessions.actions import WithoutSecondFactor, enter
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.invitations.errors import LinkOverError
from carelane.sessions.passwords.actions import accept_invitation, ask_for_reset, reset_password
from carelane.sessions.schemas import SignInIn
from carelane.sessions.second_factor.actions import begin_first, finish_first
from carelane.sessions.second_factor.errors import NothingPendingError
from carelane.sessions.second_factor.reads import get_first_set_up
from carelane.staff.leaving.queries import set_links_revoked
from carelane.staff.queries import lock_members
from carelane.web.html.forms import form_token
from tests.console.test_catalog_kept import changes
from tests.console.test_settings import Office, version_in
from tests.console.world import Member
from tests.factories.accounts import bearer, open_account, sign_in
from tests.factories.rows import update_row
from tests.people.cast import PASSWORD, caller, code_of, new_address
from tests.quote_sending.world import until

ME = "/api/staff/me"
CHANGED = "Your e-mail address at Harbor Health was changed"


@pytest.fixture
async def account(house):
    return await house.member()


@pytest.fixture
def office(house):
    token = house.headers["Authorization"].removeprefix("Bearer ")
    member = Member(house.organization_id, house.admin.id, token, form_token(house.world.services.form_key, token))
    return Office(house.world.services, house.world.client, house.clinic, member)


async def move(house, member_id, address, password=None, headers=None):
    body = {"email": address, "password": password or house.admin.password}
    path = f"/api/staff/settings/members/{member_id}/email"
    return await house.world.client.put(path, json=body, headers=headers or house.headers)


async def test_both_addresses_are_told_and_the_new_one_is_sent_a_link(house, account):
    address = new_address()
    answer = await move(house, account.id, address)
    assert (answer.status_code, answer.json()["email"]) == (200, address)
    [former] = await house.mails(account.email)
    assert "Harbor Health" in former
    assert "Turn to Vera Lund" in former
    assert address not in former
    texts = await house.mails(address, 2)
    assert any("It is this one from now on." in text for text in texts)
    assert [one for one in house.world.sink.messages if one[1]["Subject"] == CHANGED and one[0] == account.email]
    assert await house.changes(account.id) == ["EMAIL_CHANGED", "INVITED"]
    link = (
        next(text for text in texts if "/console/invitation/" in text).partition("/console/invitation/")[2].split()[0]
    )
    assert isinstance(await accept_invitation(house.services, link, PASSWORD, caller()), WithoutSecondFactor)


async def test_nothing_of_before_opens_anything(house, account):
    headers = await house.bearer(account)
    await ask_for_reset(house.services, account.tenant, account.email, caller())
    reset = await house.token(account.email)
    device = (await sessions.sign_in(house.services, SignInIn(**account.body()), caller())).device
    assert (await move(house, account.id, new_address())).status_code == 200
    client = house.world.client
    assert (await client.get(ME, headers=headers)).status_code == 401
    for email in (account.email, (await house.fetch("SELECT email FROM staff WHERE id = %s", account.id))[0][0]):
        with pytest.raises(SignInRefusedError):
            await sessions.sign_in(house.services, SignInIn(**account.body(1, email=email)), caller(device=device))
    with pytest.raises(LinkOverError):
        await reset_password(house.services, reset, PASSWORD, caller())
    secrets = "SELECT password_hash, totp_secret_sealed, totp_pending_sealed FROM staff WHERE id = %s"
    assert await house.fetch(secrets, account.id) == [(None, None, None)]
    assert not await house.fetch("SELECT FROM staff_devices WHERE staff_id = %s", account.id)


async def test_a_sign_in_that_is_under_way_ends(house, account, monkeypatch):
    # Between the password and the first code.
    await update_row(house.services, house.organization_id, "staff", account.id, totp_secret_sealed=None)
    entered = await enter(house.services, SignInIn(**account.body(totp=None)), caller())
    ticket = await begin_first(house.services, entered.organization_id, entered.account)
    code = code_of((await get_first_set_up(house.services, ticket)).secret)
    # Between the judgment of the password and the session.
    judged = passwords.is_right

    async def is_right(*args):
        found = await judged(*args)
        if args[0] == account.password:
            assert (await move(house, account.id, new_address())).status_code == 200
        return found

    monkeypatch.setattr(passwords, "is_right", is_right)
    with pytest.raises(SignInRefusedError):
        await enter(house.services, SignInIn(**account.body(totp=None)), caller())
    with pytest.raises(NothingPendingError):
        await finish_first(house.services, ticket, code, caller())


async def test_who_changes_it_shows_the_own_password_and_a_wrong_one_counts(house, account):
    address = new_address()
    wrong = await move(house, account.id, address, "not the password")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    body = {"email": address}
    path = f"/api/staff/settings/members/{account.id}/email"
    assert (await house.world.client.put(path, json=body, headers=house.headers)).status_code == 400
    counted = "SELECT failed_sign_ins FROM staff WHERE id = %s"
    assert await house.fetch(counted, house.admin.id) == [(1,)]
    assert await house.fetch("SELECT email FROM staff WHERE id = %s", account.id) == [(account.email,)]
    # Capital letters make no other address: nobody is signed out.
    headers = await house.bearer(account)
    assert (await move(house, account.id, account.email.upper())).status_code == 200
    assert (await house.world.client.get(ME, headers=headers)).status_code == 200
    assert (await move(house, uuid4(), address)).status_code == 404
    assert not house.world.mails_to(account.email)


async def test_ones_own_keeps_the_password_and_the_last_administrator_is_not_locked_out(house):
    other = await house.member("ADMIN")
    address = new_address()
    assert (await move(house, house.admin.id, address)).status_code == 200
    assert len(await house.mails(address)) == len(await house.mails(house.admin.email)) == 1
    assert "/console/" not in house.world.mails_to(address)[0]
    assert (await house.world.client.get(ME, headers=house.headers)).status_code == 401
    assert (await sign_in(house.world.client, house.admin, email=address)).status_code == 200
    # Of two, one has no password by now.
    headers = await house.bearer(other)
    await update_row(house.services, house.organization_id, "staff", house.admin.id, password_hash=None)
    assert (await move(house, house.admin.id, new_address(), other.password, headers)).status_code == 200


async def test_the_page_says_so_asks_for_the_password_and_keeps_what_was_typed(house, office, account):
    own = f"/people/{account.id}"
    shown = await office.see(f"{own}/email")
    assert "brings a link to choose a password" in shown
    assert "same password" in await office.see(f"/people/{house.admin.id}/email")
    fields = {"version": version_in(shown), "email": "Nora.New@moss.example", "password": house.admin.password}
    assert 'id="e-again"' in (await office.send(f"{own}/email/change", 422, **fields, again="nora@moss.example")).text
    fields["again"] = "nora.new@moss.example"
    wrong = await office.send(f"{own}/email/change", 422, **(fields | {"password": "not it at all"}))
    assert 'id="e-password"' in wrong.text
    assert 'value="Nora.New@moss.example"' in wrong.text
    assert "not it at all" not in wrong.text
    taken = {"email": house.admin.email.upper(), "again": house.admin.email}
    assert "another member has this address" in (await office.send(f"{own}/email/change", 422, **(fields | taken))).text
    nobody = await office.send(f"{own}/email/change", 422, **(fields | {"email": "nora", "again": "nora"}))
    assert "expected an e-mail address" in nobody.text
    await office.send(f"{own}/email/change", **fields)
    kept = "SELECT email, email_key FROM staff WHERE id = %s"
    assert await house.fetch(kept, account.id) == [("Nora.New@moss.example", "nora.new@moss.example")]
    stale = await office.send(
        f"{own}/email/change", 409, **(fields | dict.fromkeys(("email", "again"), "n@moss.example"))
    )
    assert changes(stale.text) == {"E-mail": ("Nora.New@moss.example", "n@moss.example")}


async def test_a_link_that_is_used_beside_the_change_waits_for_it(house, account):
    """What the change locks, and in its order: the member, then the links."""
    await ask_for_reset(house.services, account.tenant, account.email, caller())
    token = await house.token(account.email)
    organization_id, ids = house.organization_id, [account.id]
    async with house.services.db.transaction(system_actor(organization_id)) as conn:
        await lock_members(conn, organization_id, ids)
        using = asyncio.create_task(reset_password(house.services, token, PASSWORD, caller()))
        await until(lambda: house.fetch("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"))
        await set_links_revoked(conn, organization_id, ids)
    with pytest.raises(LinkOverError):
        await using


async def test_a_server_without_mail_changes_no_address_of_others(client, services, clinic):
    admin, other = await open_account(services, clinic, "ADMIN"), await open_account(services, clinic)
    headers = await bearer(services, admin.organization_id, admin.id)
    body = {"email": new_address(), "password": admin.password}
    answer = await client.put(f"/api/staff/settings/members/{other.id}/email", json=body, headers=headers)
    assert answer.status_code == 409
    assert "CARELANE_SMTP_HOST" in answer.json()["detail"]
