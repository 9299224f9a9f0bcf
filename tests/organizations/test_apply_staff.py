"""`staff` of an organization file: members, licences, passwords, second factors."""

from datetime import date
from uuid import UUID

import msgspec
import pyotp
import pytest

from carelane.apply.errors import InvalidFileError
from carelane.kit.auth import system_actor
from carelane.organizations.limits import AddressLimiter
from carelane.sessions.access import Caller, actor_for
from carelane.sessions.actions import WithoutSecondFactor, enter
from carelane.sessions.passwords.actions import accept_invitation
from carelane.sessions.schemas import SignInIn
from carelane.sessions.second_factor.actions import begin_first, finish_first
from carelane.sessions.second_factor.reads import get_first_set_up
from carelane.staff.queries import find_license, find_member
from tests.factories.accounts import Account, bearer, sign_in

SOMEBODY = Caller("192.0.2.1", AddressLimiter(), 10_000)
PASSWORD = "a password of the test"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def person():
    return {
        "email": "Vera.Lund@moss.example",
        "firstName": "Vera",
        "lastName": "Lund",
        "role": "CASEWORKER",
        "title": "Dr.",
        "npi": 1234567893,
        "dea": "AB1234563",
        "phoneNumber": "+12125550123",
        "state": "NY",
        "postalCode": "01234",
        "password": PASSWORD,
        "totpSecret": SECRET,
        "licenses": [{"state": "NY", "number": 4711, "expiresOn": "2030-06-30"}],
    }


@pytest.fixture
def staff(file, person):
    file.content["staff"] = [person]
    return file


async def member_of(file):
    organization_id = await file.organization_id()
    ((staff_id,),) = await file.fetch("SELECT id FROM staff")
    async with file.services.db.reading(organization_id) as conn:
        return await find_member(conn, organization_id, staff_id)


async def account_of(file, password=PASSWORD, totp_secret=SECRET):
    member = await member_of(file)
    return Account(file.tenant, await file.organization_id(), member.id, member.email, password, totp_secret)


async def test_first_creates_then_changes_nothing(staff, client):
    first = await staff.apply()
    assert [(change.action, change.what, change.name, change.secret) for change in first[1:]] == [
        ("create", "staff", "Vera.Lund@moss.example", None),
        ("create", "second factor", "Vera.Lund@moss.example", None),
    ]
    assert await staff.done() == []

    member = await member_of(staff)
    assert (member.npi, member.dea, member.title, member.postal_code) == ("1234567893", "AB1234563", "Dr.", "01234")
    assert (member.takes_cases, member.is_deactivated) == (True, False)
    assert find_license(member, "ny", date(2030, 6, 30)).number == "4711"
    assert find_license(member, "NY", date(2030, 7, 1)) is None
    assert find_license(member, "CA", date(2030, 6, 30)) is None
    assert (await sign_in(client, await account_of(staff))).status_code == 200


async def test_who_is_given_no_password_is_invited_by_a_link_where_there_is_no_mail(staff, person, client):
    del person["password"], person["totpSecret"]
    _, member, invitation = await staff.apply()
    assert (member.action, member.what, member.secret) == ("create", "staff", None)
    assert (invitation.action, invitation.what, invitation.name) == ("create", "invitation", person["email"])
    assert invitation.secret not in repr(invitation)
    assert f"link, shown this once: {invitation.secret}" in "".join(invitation.lines())
    assert await staff.done() == []
    assert await staff.fetch("SELECT password_hash, totp_secret_sealed FROM staff") == [(None, None)]

    token = invitation.secret.rpartition("/")[2]
    assert invitation.secret.endswith(f"/console/invitation/{token}")
    entered = await accept_invitation(staff.services, token, PASSWORD, SOMEBODY)
    ticket = await begin_first(staff.services, entered.organization_id, entered.account)
    secret = (await get_first_set_up(staff.services, ticket)).secret
    await finish_first(staff.services, ticket, pyotp.TOTP(secret).now(), SOMEBODY)
    assert await staff.done() == []
    assert (await sign_in(client, await account_of(staff, totp_secret=secret), steps=1)).status_code == 200


async def test_an_invitation_that_ran_out_is_made_again(staff, person):
    del person["password"], person["totpSecret"]
    await staff.apply()
    async with staff.services.db.transaction(system_actor(await staff.organization_id())) as conn:
        await conn.execute("UPDATE staff_links SET created_at = created_at - interval '8 days', expires_at = now()")
    assert await staff.done() == [("create", "invitation", person["email"])]
    assert await staff.done() == []


async def test_where_there_is_mail_the_link_is_in_the_mail_alone(staff, person):
    del person["password"], person["totpSecret"]
    settings = msgspec.structs.replace(
        staff.services.settings, smtp_host="127.0.0.1", public_url="https://care.example"
    )
    staff.services = msgspec.structs.replace(staff.services, settings=settings)
    changes = await staff.apply()
    assert [(change.what, change.secret) for change in changes[1:]] == [("staff", None), ("invitation", None)]
    kinds = await staff.fetch("SELECT kind, record_kind FROM messages")
    assert kinds == [("STAFF_INVITATION", "staff_link")]
    assert await staff.done() == []
    assert await staff.fetch("SELECT kind, record_kind FROM messages") == kinds


async def test_who_is_inactive_is_not_invited(staff, person):
    del person["password"], person["totpSecret"]
    person["isActive"] = False
    assert [change.what for change in await staff.apply()] == ["organization", "staff"]


async def test_secrets_in_a_file_are_still_taken_and_the_output_says_not_to(staff, person):
    [_, member, _] = await staff.apply()
    printed = list(member.lines())
    assert [line.split()[:3] for line in printed[1:]] == [
        ["staff[0].password", "is", "deprecated:"],
        ["staff[0].totpSecret", "is", "deprecated:"],
    ]
    assert PASSWORD not in "".join(printed)
    assert SECRET not in "".join(printed)
    # As long as they stand there.
    assert len(list((await staff.apply())[1].lines())) == 3
    del person["password"], person["totpSecret"]
    assert len(list((await staff.apply())[1].lines())) == 1


async def test_a_dry_run_shows_no_link_and_writes_none(staff, person):
    del person["password"], person["totpSecret"]
    shown = await staff.apply(dry_run=True)
    assert [change.what for change in shown] == ["organization", "staff", "invitation"]
    assert all(change.secret is None for change in shown)
    assert await staff.organization_id() is None


async def test_a_role_that_comes_to_need_a_second_factor_sets_it_up_at_the_next_sign_in(staff, person, client):
    del person["totpSecret"]
    person["role"] = "SUPPORT"
    assert [change.what for change in await staff.apply()] == ["organization", "staff"]
    account = await account_of(staff, totp_secret=None)
    assert (await sign_in(client, account)).status_code == 200

    person["role"] = "CASEMANAGER"
    assert await staff.done() == [("update", "staff", "Vera.Lund@moss.example")]
    assert (await sign_in(client, account)).status_code == 401
    entered = await enter(staff.services, SignInIn(**account.body()), SOMEBODY)
    assert isinstance(entered, WithoutSecondFactor)


async def test_changes_are_written_and_nothing_else(staff, person):
    await staff.apply()
    person |= {"email": "vera.lund@moss.example", "lastName": "Lund-Roth", "takesCases": False}
    person["licenses"] = [{"state": "CA", "number": "A1", "expiresOn": "2031-01-01"}]
    before = await staff.fetch("SELECT id, password_hash, totp_secret_sealed FROM staff")

    assert await staff.done() == [("update", "staff", "vera.lund@moss.example")]

    assert await staff.fetch("SELECT id, password_hash, totp_secret_sealed FROM staff") == before
    member = await member_of(staff)
    assert (member.last_name, member.takes_cases) == ("Lund-Roth", False)
    assert [held.state for held in member.licenses] == ["CA"]


async def test_another_password_is_taken_and_ends_sessions_and_locks(staff, person, client):
    await staff.apply()
    account = await account_of(staff)
    headers = await bearer(staff.services, account.organization_id, account.id)
    for _ in range(5):
        await sign_in(client, account, password="not the password")
    person["password"] = "another password of the test"

    assert await staff.done() == [("update", "staff", account.email)]

    assert (await client.get("/api/staff/me", headers=headers)).status_code == 401
    assert (await sign_in(client, account)).status_code == 401
    assert (await sign_in(client, account._replace(password=person["password"]))).status_code == 200


async def test_another_second_factor_starts_with_no_used_codes(staff, person, client):
    await staff.apply()
    assert (await sign_in(client, await account_of(staff), steps=1)).status_code == 200
    person["totpSecret"] = SECRET[::-1]
    assert await staff.done() == [("update", "staff", person["email"]), ("update", "second factor", person["email"])]
    assert (await sign_in(client, await account_of(staff, totp_secret=SECRET[::-1]))).status_code == 200


async def test_inactive_members_are_out_at_once_and_can_come_back(staff, person, client):
    await staff.apply()
    account = await account_of(staff)
    headers = await bearer(staff.services, account.organization_id, account.id)
    token = headers["Authorization"].removeprefix("Bearer ")
    assert (await actor_for(staff.services, token, "staff", None)).id == account.id

    person["isActive"] = False
    assert await staff.done() == [("update", "staff", account.email)]
    assert await staff.done() == []
    assert (await client.get("/api/staff/me", headers=headers)).status_code == 401
    assert (await sign_in(client, account)).status_code == 401

    person["isActive"] = True
    await staff.apply()
    assert (await sign_in(client, account, steps=1)).status_code == 200


async def test_secrets_may_come_from_variables(staff, person, client):
    person |= {"password": "${MOSS_PASSWORD}", "totpSecret": "${MOSS_TOTP}"}
    with pytest.raises(InvalidFileError, match=r"staff\[0\]\.password: the variable MOSS_PASSWORD is not set"):
        await staff.apply(MOSS_TOTP=SECRET)
    await staff.apply(MOSS_PASSWORD=PASSWORD, MOSS_TOTP=SECRET)
    assert (await sign_in(client, await account_of(staff))).status_code == 200


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"role": "DOCTOR"}, "role"),
        ({"npi": "123456789"}, "npi"),
        ({"npi": "12345678AB"}, "npi"),
        ({"dea": "1234567AB"}, "dea"),
        ({"phoneNumber": "212 555 0123"}, "phoneNumber"),
        ({"state": "New York"}, "state"),
        ({"password": "elevenchars"}, "password"),
        ({"totpSecret": "not base32 at all"}, "totpSecret"),
        ({"totpSecret": "JBSWY3DP"}, "totpSecret"),
        ({"licenses": [{"state": "XX", "number": "1", "expiresOn": "2030-01-01"}]}, "licenses[0].state"),
        ({"licenses": [{"state": "NY", "number": "1", "expiresOn": "soon"}]}, "licenses[0].expiresOn"),
        ({"licenses": [{"state": "NY", "number": "1", "expiresOn": "2030-01-01"}] * 2}, "licenses[1].state"),
        ({"specialty": "none"}, "specialty"),
    ],
)
async def test_bad_values_are_refused_by_field(staff, person, values, field):
    person |= values
    with pytest.raises(InvalidFileError) as error:
        await staff.apply()
    assert [problem.field for problem in error.value.problems] == [f"staff[0].{field}"]
    assert PASSWORD not in str(error.value)
    assert await staff.organization_id() is None


async def test_one_address_is_one_member(staff, person):
    staff.content["staff"].append(person | {"email": person["email"].lower()})
    with pytest.raises(InvalidFileError) as error:
        await staff.apply()
    assert [problem.field for problem in error.value.problems] == ["staff[1].email"]

    staff.content["staff"] = [person]
    await staff.apply()
    person["id"] = str(UUID(int=7))
    with pytest.raises(InvalidFileError, match="another id has one of these e-mail addresses"):
        await staff.apply()


@pytest.mark.parametrize("named", [(), ("password",), ("password", "totpSecret")])
async def test_with_another_address_only_the_secrets_of_the_file_stay(staff, person, named):
    person["id"] = "0d3a6a1e-9c1f-4d0a-8a53-3a51f0f5c1d7"
    await staff.apply()
    for gone in {"password", "totpSecret"} - set(named):
        del person[gone]
    person["email"] = "vera@moss.example"
    changes = await staff.apply()
    ((password_hash, sealed),) = await staff.fetch("SELECT password_hash, totp_secret_sealed FROM staff")
    assert (password_hash is not None, sealed is not None) == ("password" in named, "totpSecret" in named)
    assert ("invitation" in [change.what for change in changes]) == ("password" not in named)


async def test_who_was_moved_on_the_page_and_has_no_password_is_invited_there(staff, person):
    del person["password"], person["totpSecret"]
    await staff.apply()
    async with staff.services.db.transaction(system_actor(await staff.organization_id())) as conn:
        await conn.execute("UPDATE staff SET email = 'vera@moss.example'")
        await conn.execute("UPDATE staff_links SET revoked_at = now()")
    assert await staff.done() == [("create", "invitation", "vera@moss.example")]
    assert await staff.done() == []
