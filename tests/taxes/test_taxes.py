"""/admin/taxes: who may, what is refused, what is kept."""

import asyncio
from uuid import uuid4

import pytest

from tests.taxes.acts import acts

URL = "/admin/taxes"
GOOD = {"name": "State", "percentage": 8.25}


def routes(tax_id):
    return [
        ("GET", URL, None),
        ("POST", URL, GOOD),
        ("PUT", f"{URL}/{tax_id}", {"name": "City"}),
        ("DELETE", f"{URL}/{tax_id}", None),
    ]


async def make(client, clinic, **members):
    answer = await client.post(URL, json=GOOD | members, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def names(client, clinic):
    answer = await client.get(URL, headers=clinic.billing)
    return [tax["name"] for tax in answer.json()]


def problems(answer):
    assert answer.status_code == 422, answer.text
    return {tuple(problem["loc"]): problem["msg"] for problem in answer.json()["detail"]}


async def test_without_a_good_credential_every_route_is_401(client, office, other_clinic):
    tax = await make(client, office)
    wrong = [
        {},
        {"API-KEY": "cvk_wrong", "TENANT": office.tenant},
        {"API-KEY": office.api_key},
        {"API-KEY": office.api_key, "TENANT": other_clinic.tenant},
    ]
    for method, url, body in routes(tax["id"]):
        for headers in wrong:
            answer = await client.request(method, url, json=body, headers=headers)
            assert (answer.status_code, list(answer.json())) == (401, ["detail"])
    assert await names(client, office) == ["State"]


async def test_who_may_only_read_changes_nothing(client, office):
    tax = await make(client, office)
    headers = {"API-KEY": office.catalog_only_key, "TENANT": office.tenant}
    statuses = [
        (await client.request(method, url, json=body, headers=headers)).status_code
        for method, url, body in routes(tax["id"])
    ]
    assert statuses == [200, 403, 403, 403]


async def test_another_clinics_tax_is_not_there(client, office, other_clinic):
    tax = await make(client, office)
    for method, url, body in routes(tax["id"])[2:]:
        answer = await client.request(method, url, json=body, headers=other_clinic.billing)
        assert (answer.status_code, answer.json()) == (404, {"detail": f"no tax {tax['id']} here"})
    assert await names(client, office) == ["State"]
    assert tax["id"] not in (await client.get(URL, headers=other_clinic.billing)).text


@pytest.mark.parametrize("tax_id", ["01a20000-0000-7000-8000-00000000dead", "tax_unknown", "%20"])
async def test_a_tax_nobody_made_is_not_there(client, office, tax_id):
    for method, url, body in routes(tax_id)[2:]:
        assert (await client.request(method, url, json=body, headers=office.billing)).status_code == 404


async def test_a_new_tax_is_raised_everywhere_on_everything(client, office):
    tax = await make(client, office)
    assert tax == {
        "id": tax["id"],
        "name": "State",
        "percentage": 8.25,
        "locationIds": [],
        "scope": "ALL",
        "categoryNames": [],
    }
    assert (await client.get(URL, headers=office.billing)).json() == [tax]


async def test_a_tax_may_say_where_and_on_what(client, office):
    where = {"location_ids": [office.location_id, office.location_id]}
    on_what = {"scope": "SPECIFIC_CATEGORIES", "category_names": ["Lasers"]}
    tax = await make(client, office, percentage=0.000001, **where, **on_what)
    assert tax["locationIds"] == [office.location_id]
    assert (tax["scope"], tax["categoryNames"], tax["percentage"]) == ("SPECIFIC_CATEGORIES", ["Lasers"], 0.000001)


async def test_all_that_is_wrong_with_a_body_is_listed(client, office):
    body = {"name": "", "percentage": "much", "scope": "GIFTS", "locationIds": [1], "categoryNames": [""]}
    answer = await client.post(URL, json=body, headers=office.billing)
    assert set(problems(answer)) == {
        ("body", "name"),
        ("body", "percentage"),
        ("body", "scope"),
        ("body", "locationIds", 0),
        ("body", "categoryNames", 0),
    }
    assert set(problems(await client.post(URL, json={}, headers=office.billing))) == {
        ("body", "name"),
        ("body", "percentage"),
    }
    assert await names(client, office) == []


@pytest.mark.parametrize("percentage", ["-0.000001", "100.000001", "1e9", "1e400", '"8_25"'])
async def test_a_percentage_lies_from_0_to_100_with_six_decimals(client, office, percentage):
    body = f'{{"name": "State", "percentage": {percentage}}}'
    answer = await client.post(URL, content=body, headers=office.billing)
    assert set(problems(answer)) == {("body", "percentage")}
    tax = await make(client, office)
    body = body.replace('"name": "State", ', "")
    answer = await client.put(f"{URL}/{tax['id']}", content=body, headers=office.billing)
    assert set(problems(answer)) == {("body", "percentage")}


@pytest.mark.parametrize("percentage", [0, 100, 33.333333])
async def test_the_bounds_themselves_are_percentages(client, office, percentage):
    assert (await make(client, office, percentage=percentage))["percentage"] == percentage


async def test_some_categories_must_be_named(client, office):
    body = GOOD | {"scope": "SPECIFIC_CATEGORIES", "percentage": 101}
    answer = await client.post(URL, json=body, headers=office.billing)
    assert set(problems(answer)) == {("body", "percentage"), ("body", "categoryNames")}
    tax = await make(client, office)
    answer = await client.put(f"{URL}/{tax['id']}", json={"scope": "SPECIFIC_CATEGORIES"}, headers=office.billing)
    assert set(problems(answer)) == {("body", "categoryNames")}
    assert (await client.get(URL, headers=office.billing)).json() == [tax]


async def test_all_unknown_locations_are_named_and_nothing_is_made(client, office, other_clinic):
    theirs = other_clinic.location_id or str(uuid4())
    body = GOOD | {"locationIds": [office.location_id, theirs, "loc_none"]}
    expected = (404, {"detail": f"no location {theirs}, loc_none here"})
    answer = await client.post(URL, json=body, headers=office.billing)
    assert (answer.status_code, answer.json()) == expected
    assert await names(client, office) == []
    tax = await make(client, office)
    answer = await client.put(f"{URL}/{tax['id']}", json=body | {"name": "City"}, headers=office.billing)
    assert (answer.status_code, answer.json()) == expected
    assert (await client.get(URL, headers=office.billing)).json() == [tax]


async def test_an_update_changes_what_it_names_and_leaves_the_rest(client, office):
    tax = await make(client, office, locationIds=[office.location_id], categoryNames=["Lasers"])
    url = f"{URL}/{tax['id']}"
    nulls = {"name": None, "scope": None, "locationIds": None, "categoryNames": None}
    changed = (await client.put(url, json=nulls | {"percentage": 9}, headers=office.billing)).json()
    assert changed == tax | {"percentage": 9.0}
    changed = (await client.put(url, json={"locationIds": [], "name": "City"}, headers=office.billing)).json()
    assert changed == tax | {"percentage": 9.0, "locationIds": [], "name": "City"}
    assert (await client.get(URL, headers=office.billing)).json() == [changed]


async def test_a_tax_keeps_a_location_that_was_archived_since_and_no_other_tax_gets_it(client, office):
    tax = await make(client, office, locationIds=[office.location_id])
    await client.delete(f"/admin/locations/delete/{office.location_id}", headers=office.billing)
    answer = await client.put(f"{URL}/{tax['id']}", json=tax | {"name": "City"}, headers=office.billing)
    assert (answer.status_code, answer.json()) == (200, tax | {"name": "City"})
    other = await make(client, office)
    answer = await client.put(f"{URL}/{other['id']}", json={"locationIds": tax["locationIds"]}, headers=office.billing)
    assert answer.status_code == 404


async def test_a_deleted_tax_is_gone_for_good(client, office):
    tax = await make(client, office, locationIds=[office.location_id])
    answer = await client.delete(f"{URL}/{tax['id']}", headers=office.billing)
    assert (answer.status_code, answer.json()) == (200, True)
    assert await names(client, office) == []
    for method, url, body in routes(tax["id"])[2:]:
        assert (await client.request(method, url, json=body, headers=office.billing)).status_code == 404


async def test_every_act_is_recorded(client, services, office):
    tax = await make(client, office)
    await client.put(f"{URL}/{tax['id']}", json={"name": "City"}, headers=office.billing)
    await client.put(f"{URL}/{tax['id']}", json={"percentage": 101}, headers=office.billing)
    await client.delete(f"{URL}/{tax['id']}", headers=office.billing)
    assert await acts(services, office, tax["id"]) == [("CATALOG_CHANGED", "tax")] * 3


async def test_taxes_come_by_name(client, office):
    for name in ("b", "c", "a"):
        await make(client, office, name=name)
    assert await names(client, office) == ["a", "b", "c"]


async def test_a_request_sent_again_is_answered_again_and_makes_one_tax(client, office):
    headers = office.billing | {"Idempotency-Key": str(uuid4())}
    answers = [await client.post(URL, json=GOOD, headers=headers) for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    assert await names(client, office) == ["State"]
    other = await client.post(URL, json=GOOD | {"percentage": 1}, headers=headers)
    assert set(problems(other)) == {("header", "Idempotency-Key")}


async def test_no_more_than_200_taxes_even_when_many_are_made_at_once(client, office):
    for start in range(0, 190, 19):
        await asyncio.gather(*(make(client, office, name=f"{start + n:03}") for n in range(19)))
    answers = await asyncio.gather(*(client.post(URL, json=GOOD, headers=office.billing) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 10
    assert len(await names(client, office)) == 200
