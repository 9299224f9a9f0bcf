"""Saved views: whose they are, what they may say, and how many cases are in each."""

import asyncio
from uuid import uuid4

import pytest

from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.review.people import Desk, employ

URL = "/api/staff/views"


@pytest.fixture
async def quay(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def eve(services, quay):
    return await employ(services, quay, "Eve")


@pytest.fixture
def save(client, eve):
    async def ask(status=200, person=eve, **body):
        answer = await client.post(URL, json=body, headers=person.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


async def views(client, person):
    answer = await client.get(URL, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["views"]


async def test_a_view_is_mine_or_the_clinics_and_counts(client, services, quay, eve, save):
    oda = await employ(services, quay, "Oda")
    case = Desk(client, await create_case(client, quay, case_body(quay.product_id)))
    await create_case(client, quay, case_body(quay.product_id))
    await case.done(eve, "start")
    mine = await save(name="In hand", query="?status=IN_PROGRESS&assignedTo=me")
    ours = await save(name="New York", query="state=NY&fitsMyLicense=true", scope="CLINIC")
    assert (mine["scope"], mine["query"], mine["count"]) == ("ME", "status=IN_PROGRESS&assignedTo=me", 1)
    assert [(one["name"], one["count"]) for one in await views(client, eve)] == [("In hand", 1), ("New York", 2)]
    assert [(one["name"], one["count"]) for one in await views(client, oda)] == [("New York", 1)]
    gone = await client.delete(f"{URL}/{mine['id']}", headers=oda.headers)
    assert gone.status_code == 404
    left = await client.delete(f"{URL}/{ours['id']}", headers=oda.headers)
    assert (left.status_code, left.json()) == (200, {"views": []})
    assert [one["name"] for one in await views(client, eve)] == ["In hand"]


async def test_filters_that_are_none_are_refused(client, save):
    for query in (
        "more=1", "assignedTo=Eve", "status=MAYBE", "state=OR&state=WA", "after=7", "limit=7", "product=x", "nothing", "q=%FF",
    ):  # fmt: skip
        assert (await save(400, name="Bad", query=query))["errors"][0]["field"] == "query", query
    for body in ({"name": "Bad"}, {"name": " ", "query": ""}, {"name": "x" * 61, "query": ""}, {"name": "A", "query": "x" * 501},
                 {"name": "A", "query": "", "scope": "ALL"}, {"name": "A\nB", "query": ""}):  # fmt: skip
        await save(400, **body)
    assert (await save(name="Everything", query=""))["count"] == 0


async def test_names_are_taken_once_and_there_are_twelve(client, services, quay, save):
    await save(name="Twice", query="")
    assert "choose another" in str(await save(409, name="Twice", query="state=OR"))
    await save(name="Twice", query="", scope="CLINIC")
    answers = await asyncio.gather(*(save_quietly(client, save, number) for number in range(14)))
    assert sorted(answers) == [200] * 11 + [409] * 3
    oda = await employ(services, quay, "Oda")
    await save(200, oda, name="Twice", query="")


async def save_quietly(client, save, number):
    try:
        await save(name=f"View {number}", query="")
    except AssertionError:
        await save(409, name=f"View {number}", query="")
        return 409
    return 200


async def test_a_request_that_is_sent_again_saves_one(client, eve):
    headers = eve.headers | {"Idempotency-Key": "view-1"}
    first, second = [await client.post(URL, json={"name": "A", "query": ""}, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert len(await views(client, eve)) == 1


async def test_who_may(client, services, quay, eve, save, tmp_path):
    made = await save(name="Ours", query="", scope="CLINIC")
    support = await employ(services, quay, "Sue", role="SUPPORT")
    stranger = await employ(services, await make_clinic(services, tmp_path), "Stranger")
    await save(403, support, name="A", query="")
    for headers, statuses in (
        (support.headers, (403, 403)),
        (stranger.headers, (200, 404)),
        ({}, (401, 401)),
        ({"Authorization": "Bearer nobody"}, (401, 401)),
    ):
        listed = await client.get(URL, headers=headers)
        removed = await client.delete(f"{URL}/{made['id']}", headers=headers)
        assert (listed.status_code, removed.status_code) == statuses
    assert await views(client, stranger) == []
    assert (await client.delete(f"{URL}/7", headers=eve.headers)).status_code == 404
    assert (await client.delete(f"{URL}/{uuid4()}", headers=eve.headers)).status_code == 404
