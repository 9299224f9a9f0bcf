"""Invitations: sent by an administrator, taken back, accepted once."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from carelane.kit import clock, passwords
from carelane.kit.errors import RuleBrokenError
from carelane.sessions.actions import SignedIn, WithoutSecondFactor
from carelane.sessions.invitations.errors import LinkOverError
from carelane.sessions.invitations.reads import get_link
from carelane.sessions.links.access import StaffLink, token_of
from carelane.sessions.links.actions import LIFETIMES
from carelane.sessions.passwords.actions import accept_invitation, reset_password
from tests.factories.accounts import bearer, open_account
from tests.factories.rows import update_row
from tests.own_clinic import make_clinic
from tests.people.cast import INVITATIONS, PASSWORD, PUBLIC_URL, caller, new_address


async def test_who_is_invited_gets_a_mail_with_a_link_and_chooses_a_password(house):
    address = new_address()
    answer = await house.invite(address)
    assert answer.status_code == 200
    invitation = answer.json()
    assert (invitation["status"], invitation["email"], invitation["acceptedAt"]) == ("OPEN", address, None)
    token = await house.token(address)
    assert token not in answer.text
    [text] = await house.mails(address)
    assert f"{PUBLIC_URL}/console/invitation/" in text
    assert "Harbor Health" in text

    entered = await accept_invitation(house.services, token, PASSWORD, caller())

    assert isinstance(entered, WithoutSecondFactor)
    [(kept,)] = await house.fetch("SELECT password_hash FROM staff WHERE id = %s", invitation["memberId"])
    assert passwords.is_right_now(PASSWORD, kept)
    assert await house.changes(invitation["memberId"]) == ["CREATED", "INVITED", "INVITATION_ACCEPTED"]
    shown = (await house.world.client.get(INVITATIONS, headers=house.headers)).json()["invitations"]
    assert [(one["id"], one["status"]) for one in shown] == [(invitation["id"], "ACCEPTED")]


async def test_a_role_that_needs_no_second_factor_is_signed_in(house):
    address = new_address()
    await house.invite(address, "SUPPORT")
    entered = await accept_invitation(house.services, await house.token(address), PASSWORD, caller())
    assert isinstance(entered, SignedIn)
    me = await house.world.client.get("/api/staff/me", headers={"Authorization": f"Bearer {entered.session.token}"})
    assert me.json()["member"]["email"] == address


async def test_of_many_at_once_with_one_link_one_sets_the_password(house):
    address = new_address()
    await house.invite(address)
    token = await house.token(address)
    tries = [accept_invitation(house.services, token, f"{PASSWORD} {n}", caller(f"192.0.2.{n}")) for n in range(4)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["LinkOverError"] * 3 + ["WithoutSecondFactor"]


async def test_inviting_again_sends_another_link_and_ends_the_one_before(house):
    address = new_address()
    first = (await house.invite(address)).json()
    before = await house.token(address)
    second = (await house.invite(address.upper(), firstName="Somebody")).json()
    assert (second["memberId"], second["firstName"]) == (first["memberId"], "Noa")
    after = await house.token(address, 2)
    with pytest.raises(LinkOverError):
        await accept_invitation(house.services, before, PASSWORD, caller())
    assert await accept_invitation(house.services, after, PASSWORD, caller())


async def test_two_who_invite_one_person_at_once_make_one_member_and_one_link(house):
    address = new_address()
    answers = await asyncio.gather(*(house.invite(address) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert any(answer.status_code == 200 for answer in answers)
    assert len(await house.fetch("SELECT id FROM staff WHERE email_key = %s", address)) == 1
    open_ones = "SELECT count(*) FROM staff_links WHERE used_at IS NULL AND revoked_at IS NULL"
    assert await house.fetch(open_ones) == [(1,)]


async def test_an_invitation_that_was_taken_back_is_over(house):
    address = new_address()
    invitation = (await house.invite(address)).json()
    token = await house.token(address)
    path = f"{INVITATIONS}/{invitation['id']}"
    for _ in range(2):
        answer = await house.world.client.delete(path, headers=house.headers)
        assert (answer.status_code, answer.json()["status"]) == (200, "REVOKED")
    with pytest.raises(LinkOverError):
        await accept_invitation(house.services, token, PASSWORD, caller())
    assert await house.changes(invitation["memberId"]) == ["CREATED", "INVITED", "INVITATION_REVOKED"]


async def test_one_that_was_accepted_cannot_be_taken_back(house):
    address = new_address()
    invitation = (await house.invite(address)).json()
    await accept_invitation(house.services, await house.token(address), PASSWORD, caller())
    answer = await house.world.client.delete(f"{INVITATIONS}/{invitation['id']}", headers=house.headers)
    assert answer.status_code == 409


async def test_it_ends_by_itself_and_with_its_member(house):
    address = new_address()
    invitation = (await house.invite(address)).json()
    token = await house.token(address)
    with clock.moved(LIFETIMES["INVITATION"] + timedelta(seconds=1)), pytest.raises(LinkOverError):
        await get_link(house.services, "INVITATION", token)
    await update_row(
        house.services, house.organization_id, "staff", invitation["memberId"], deactivated_at="2026-01-01T00:00:00Z"
    )
    with pytest.raises(LinkOverError):
        await accept_invitation(house.services, token, PASSWORD, caller())


async def test_a_password_that_is_too_short_uses_up_no_link(house):
    address = new_address()
    await house.invite(address)
    token = await house.token(address)
    with pytest.raises(RuleBrokenError) as refused:
        await accept_invitation(house.services, token, "elevenchars", caller())
    assert [problem.field for problem in refused.value.problems] == ["password"]
    assert await accept_invitation(house.services, token, PASSWORD, caller())


async def test_no_link_passes_for_another_kind_or_clinic(house):
    address = new_address()
    await house.invite(address)
    token = await house.token(address)
    with pytest.raises(LinkOverError):
        await reset_password(house.services, token, PASSWORD, caller())
    [(link_id,)] = await house.fetch("SELECT id FROM staff_links")
    elsewhere = token_of(house.services.staff_link_key, StaffLink(uuid4(), link_id))
    forged = token_of(b"another key of the same length..", StaffLink(house.organization_id, link_id))
    for made_up in (elsewhere, forged, token[:-1], f"{token}A", "", "x" * 64, token.swapcase()):
        with pytest.raises(LinkOverError):
            await accept_invitation(house.services, made_up, PASSWORD, caller())


async def test_who_signs_in_already_is_not_invited(house):
    there = await house.member()
    answer = await house.invite(there.email.upper())
    assert answer.status_code == 409
    assert "password already" in answer.json()["detail"]
    await update_row(house.services, house.organization_id, "staff", there.id, deactivated_at="2026-01-01T00:00:00Z")
    answer = await house.invite(there.email)
    assert answer.status_code == 409
    assert "inactive" in answer.json()["detail"]


@pytest.mark.parametrize("role", ["CASEMANAGER", "CASEWORKER", "SUPPORT"])
async def test_only_administrators_invite(house, role):
    member = await house.member(role)
    headers = await house.bearer(member)
    client = house.world.client
    body = {"email": new_address(), "firstName": "Noa", "lastName": "Lund", "role": "ADMIN"}
    assert (await client.post(INVITATIONS, json=body, headers=headers)).status_code == 403
    assert (await client.get(INVITATIONS, headers=headers)).status_code == 403
    assert (await client.delete(f"{INVITATIONS}/{uuid4()}", headers=headers)).status_code == 403
    assert (await client.post(INVITATIONS, json=body)).status_code == 401
    wrong = {"Authorization": "Bearer cvt_unknown"}
    assert (await client.post(INVITATIONS, json=body, headers=wrong)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"email": "nobody"}, 422, "email"),
        ({"firstName": "  "}, 422, "firstName"),
        ({"npi": "1234567890"}, 422, "npi"),
        ({"role": "DOCTOR"}, 400, "role"),
        ({"lastName": 7}, 400, "lastName"),
    ],
)
async def test_bad_bodies_name_the_field(house, changes, status, field):
    answer = await house.invite(**changes)
    assert answer.status_code == status
    assert field in [problem["field"] for problem in answer.json()["errors"]]


async def test_an_invitation_of_another_clinic_is_not_there(house, world, tmp_path):
    other = await make_clinic(world.services, tmp_path, name="Other")
    admin = await open_account(world.services, other, "ADMIN")
    headers = await bearer(world.services, admin.organization_id, admin.id)
    invitation = (await house.invite()).json()
    for ref in (invitation["id"], "nonsense", str(uuid4())):
        assert (await world.client.delete(f"{INVITATIONS}/{ref}", headers=headers)).status_code == 404
    assert (await world.client.get(INVITATIONS, headers=headers)).json() == {"invitations": []}


async def test_the_same_request_sent_twice_invites_once(house):
    body = {"email": new_address(), "firstName": "Noa", "lastName": "Lund", "role": "SUPPORT"}
    headers = house.headers | {"Idempotency-Key": f"{uuid4()}"}
    answers = [await house.world.client.post(INVITATIONS, json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await house.fetch("SELECT count(*) FROM staff_links") == [(1,)]


async def test_a_server_without_mail_says_which_setting_is_missing(client, services, clinic):
    admin = await open_account(services, clinic, "ADMIN")
    headers = await bearer(services, admin.organization_id, admin.id)
    body = {"email": new_address(), "firstName": "Noa", "lastName": "Lund", "role": "SUPPORT"}
    answer = await client.post(INVITATIONS, json=body, headers=headers)
    assert answer.status_code == 409
    assert "CARELANE_SMTP_HOST" in answer.json()["detail"]
