"""One act on many cases: tried first, then done to those that it can be done to."""

from uuid import uuid4

import pytest

from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.review.people import Desk, employ

URL = "/api/staff/cases/bulk"


@pytest.fixture
async def quay(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def eve(services, quay):
    return await employ(services, quay, "Eve")


@pytest.fixture
async def cases(client, quay):
    return [Desk(client, await create_case(client, quay, case_body(quay.product_id))) for _ in range(4)]


@pytest.fixture
def bulk(client, eve):
    async def ask(status=200, person=eve, **body):
        answer = await client.post(URL, json=body, headers=person.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def ids_of(cases):
    return [str(one.case_id) for one in cases]


async def statuses(client, eve, cases):
    answer = await client.get("/api/staff/cases", headers=eve.headers)
    found = {one["id"]: one["status"] for one in answer.json()["cases"]}
    return [found.get(case_id) for case_id in ids_of(cases)]


async def test_a_dry_run_says_which_and_why_not_and_does_nothing(client, services, quay, eve, cases, bulk):
    oda = await employ(services, quay, "Oda")
    await cases[1].done(oda, "start")
    await cases[2].done(eve, "archive", {"reason": "RESOLVED"})
    missing = str(uuid4())
    body = {"act": "assign", "caseIds": [*ids_of(cases), missing]}
    tried = await bulk(**body, dryRun=True)
    assert tried["dryRun"]
    assert [one["caseId"] for one in tried["can"]] == ids_of([cases[0], cases[3]])
    assert [one["reason"] for one in tried["cannot"]] == [
        "it is assigned to Oda Berg",
        "the case is archived (RESOLVED)",
        "there is no such case",
    ]
    assert await statuses(client, eve, cases) == ["OPEN", "IN_PROGRESS", None, "OPEN"]
    done = await bulk(**body)
    assert (done["can"], done["cannot"], done["dryRun"]) == (tried["can"], tried["cannot"], False)
    assert await statuses(client, eve, cases) == ["ASSIGNED", "IN_PROGRESS", None, "ASSIGNED"]
    assert (await cases[0].read(eve))["assignedTo"]["firstName"] == "Eve"
    again = await bulk(**body)
    assert [one["reason"] for one in again["cannot"]][:1] == ["it is assigned to Eve Berg already"]
    assert again["can"] == []


async def test_each_act_does_what_the_single_one_does(client, eve, cases, bulk):
    for act, more in (
        ("escalate", {}),
        ("deescalate", {}),
        ("assign", {"staffId": str(eve.id)}),
        ("unassign", {}),
        ("ask", {"text": "How tall are you?"}),
    ):
        assert len((await bulk(act=act, caseIds=ids_of(cases), **more))["can"]) == 4, act
    answer = await client.get("/api/staff/cases", params={"awaitingPatient": "true"}, headers=eve.headers)
    assert len(answer.json()["cases"]) == 4


async def test_what_is_not_understood_is_refused_whole(client, services, quay, eve, cases, bulk, tmp_path):
    ids = ids_of(cases)
    for status, body in (
        (400, {"act": "assign"}),
        (400, {"act": "assign", "caseIds": []}),
        (400, {"act": "burn", "caseIds": ids}),
        (400, {"act": "assign", "caseIds": [str(uuid4()) for _ in range(101)]}),
        (400, {"act": "ask", "caseIds": ids, "text": " "}),
        (422, {"act": "ask", "caseIds": ids}),
        (422, {"act": "escalate", "caseIds": ids, "text": "x"}),
        (422, {"act": "escalate", "caseIds": ids, "staffId": str(eve.id)}),
        (422, {"act": "escalate", "caseIds": [ids[0], ids[0]]}),
        (422, {"act": "assign", "caseIds": ids, "staffId": str(uuid4())}),
    ):
        await bulk(status, **body)
    manager = await employ(services, quay, "Max", role="CASEMANAGER")
    await bulk(422, manager, act="assign", caseIds=ids)
    await bulk(403, await employ(services, quay, "Sue", role="SUPPORT"), act="assign", caseIds=ids)
    assert (await client.post(URL, json={})).status_code == 401
    stranger = await employ(services, await make_clinic(services, tmp_path), "Stranger")
    answer = await bulk(200, stranger, act="escalate", caseIds=ids)
    assert {one["reason"] for one in answer["cannot"]} == {"there is no such case"}
    assert answer["can"] == []
    assert await statuses(client, eve, cases) == ["OPEN"] * 4
