"""`staff` of an organization file: members, licences, passwords, second factors."""

from datetime import date
from uuid import UUID

import pytest

from carelane.apply.errors import InvalidFileError
from carelane.sessions import codes
from carelane.sessions.access import actor_for
from carelane.staff.queries import find_license, find_member
from tests.factories.accounts import Account, bearer, sign_in

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


async def test_what_is_not_given_is_made_and_shown_once(staff, person, client):
    del person["password"], person["totpSecret"]
    _, member, factor = await staff.apply()
    assert member.secret not in repr(member)
    assert codes.is_secret(factor.secret)
    assert await staff.done() == []
    assert (await sign_in(client, await account_of(staff, member.secret, factor.secret))).status_code == 200


async def test_a_dry_run_shows_no_secret_and_writes_none(staff, person):
    del person["password"], person["totpSecret"]
    shown = await staff.apply(dry_run=True)
    assert [change.what for change in shown] == ["organization", "staff", "second factor"]
    assert all(change.secret is None for change in shown)
    assert await staff.organization_id() is None


async def test_roles_that_see_no_health_information_need_no_second_factor(staff, person, client):
    del person["totpSecret"]
    person["role"] = "SUPPORT"
    assert [change.what for change in await staff.apply()] == ["organization", "staff"]
    assert (await sign_in(client, await account_of(staff, totp_secret=None))).status_code == 200

    person["role"] = "CASEMANAGER"
    assert await staff.done() == [
        ("update", "staff", "Vera.Lund@moss.example"),
        ("create", "second factor", "Vera.Lund@moss.example"),
    ]


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
