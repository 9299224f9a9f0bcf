"""check-user and the list of users: exact words, whom they find, pages, and that each read is recorded."""

from uuid import UUID

import pytest

from tests.factories.rows import update_row
from tests.own_clinic import make_clinic
from tests.users.cast import CHECK, USERS, done, fields_of, listed, user

NOBODY = {"status": 200, "success": False, "message": "User does not exist", "data": {"code": "USER_NOT_FOUND"}}


async def check(client, clinic, **query):
    return await client.get(
        CHECK, params={name.replace("_", "-"): value for name, value in query.items()}, headers=clinic.key
    )


async def test_a_user_is_found_by_address_and_by_number(client, own, email):
    await done(client, own, "CREATE_USER", user(email))
    told = (await check(client, own, email=f" {email.upper()} ")).json()
    assert told.pop("data") | {"createdAt": ""} == {
        "createdAt": "",
        "existsInCurrentOrganization": True,
        "code": "EMAIL_EXISTS",
    }
    assert told == {"status": 200, "success": True, "message": "Email already exists"}
    told = (await check(client, own, phone_number="+12125550142")).json()
    assert (told["message"], told["data"]["code"]) == ("Phone number already exists", "PHONE_NUMBER_EXISTS")
    unescaped = await client.get(f"{CHECK}?phone-number=+12125550142", headers=own.key)
    assert unescaped.json()["data"]["code"] == "PHONE_NUMBER_EXISTS"


async def test_the_address_counts_where_both_are_given(client, own, email):
    await done(client, own, "CREATE_USER", user(email))
    assert (await check(client, own, email="nobody@patient.example", phone_number="+12125550142")).json() == NOBODY


async def test_who_is_nobody_here_is_not_found(client, services, own, email, tmp_path):
    await done(client, await make_clinic(services, tmp_path), "CREATE_USER", user(email))
    assert (await check(client, own, email=email)).json() == NOBODY
    assert (await check(client, own, phone_number="+12125550142")).json() == NOBODY


async def test_an_archived_user_is_not_found_and_a_merged_one_is_the_other(client, services, own, email):
    first = await done(client, own, "CREATE_USER", user(email))
    stays = await done(client, own, "CREATE_USER", user(f"stays.{email}"))
    gone = {"archived_at": "2026-01-01T00:00:00Z"}
    await update_row(services, UUID(own.organization_id), "patients", first["id"], **gone)
    assert (await check(client, own, email=email)).json() == NOBODY
    assert (await listed(client, own, email=email))["data"] == []
    await update_row(services, UUID(own.organization_id), "patients", first["id"], merged_into_id=stays["id"])
    assert (await check(client, own, email=email)).json()["data"]["code"] == "EMAIL_EXISTS"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"phone_number": "none"}, "phone-number"),
        ({"email": "x" * 321}, "email"),
    ],
)
async def test_a_question_without_an_answer_is_400(client, own, query, field):
    answer = await check(client, own, **query)
    assert (answer.status_code, fields_of(answer)) == (400, {field})


async def test_users_are_listed_by_what_their_address_begins_with(client, own, email, look):
    names = [f"{letter}.{email}" for letter in "abc"]
    for name in (*names, f"z.{email}"):
        await done(client, own, "CREATE_USER", user(name))
    await done(client, own, "CREATE_USER", user(f"%.{email}"))
    everybody = await listed(client, own, limit=100)
    assert everybody["meta"] == {"hasMore": False, "cursor": None}
    assert {*names, f"z.{email}"} < {one["email"] for one in everybody["data"]}
    assert [one["email"] for one in (await listed(client, own, email="B."))["data"]] == [names[1]]
    assert [one["email"] for one in (await listed(client, own, email="%"))["data"]] == [f"%.{email}"]
    [only] = (await listed(client, own, email="a."))["data"]
    assert "id" not in only
    reads = await look(
        "SELECT count(*) FROM phi_reads WHERE organization_id = %s AND reason = 'list of users'", own.organization_id
    )
    assert reads[0][0] == len(everybody["data"]) + 3


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_hold_everybody_once(client, own, email, order):
    names = [f"m{number}.{email}" for number in range(7)]
    for name in names:
        await done(client, own, "CREATE_USER", user(name))
    found, after = [], {}
    for _ in range(4):
        page = await listed(client, own, email="m", limit=2, sorOrder=order, **after)
        found += [one["email"] for one in page["data"]]
        after = {"after": page["meta"]["cursor"]}
    assert (found, page["meta"]) == (names if order == "asc" else names[::-1], {"hasMore": False, "cursor": None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", 0),
        ("limit", 101),
        ("limit", "x"),
        ("sortOrder", "up"),
        ("sorOrder", "up"),
        ("sortBy", "email"),
        ("after", "x"),
    ],
)
async def test_a_bad_query_is_named(client, own, name, value):
    answer = await client.get(USERS, params={name: value}, headers=own.key)
    assert (answer.status_code, fields_of(answer)) == (400, {name})


async def test_a_cursor_of_another_clinic_leads_nowhere(client, services, own, email, tmp_path):
    other = await make_clinic(services, tmp_path)
    for number in range(2):
        await done(client, other, "CREATE_USER", user(f"{number}.{email}"))
    cursor = (await listed(client, other, limit=1))["meta"]["cursor"]
    assert (await listed(client, own, after=cursor))["data"] == []


@pytest.mark.parametrize("path", [f"{CHECK}?email=nobody@patient.example", USERS])
async def test_nobody_comes_in_without_a_key_that_may(client, own, path):
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers={"cv-api-key": "cvk_wrong"})).status_code == 401
    assert (await client.get(path, headers=own.catalog_only)).status_code == 403
