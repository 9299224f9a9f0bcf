"""What runs out first: the promise, the hold, the decision; and why a case is, or is not, in the queue."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from carelane.apply.actions import apply_file
from carelane.apply.errors import InvalidFileError
from carelane.cases.review.queue.reads import count_views, list_and_count
from carelane.cases.review.queue.schemas import QueueQuery, ViewCounts
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.us_zones import earliest_day_in, end_of_day_in
from carelane.permissions import OF_ROLE
from tests.detail.asking import create_case
from tests.factories.cases import case_body, change_case
from tests.own_clinic import make_clinic
from tests.review.people import LONG, Desk, decision, employ
from tests.review.test_queue import hold

URL = "/api/staff/cases"


@pytest.fixture
async def quay(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def eve(services, quay):
    return await employ(services, quay, "Eve")


@pytest.fixture
def queue(client, eve):
    async def ask(**query):
        answer = await client.get(URL, params=query, headers=eve.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["cases"]

    return ask


@pytest.fixture
async def cases(client, quay):
    ohio = case_body(quay.product_id)
    ohio["user"]["shippingAddress"] |= {"state": "OH", "postalCode": "43004"}
    bodies = [*(case_body(quay.product_id) for _ in range(3)), ohio]
    return [Desk(client, await create_case(client, quay, body)) for body in bodies]


def ids_of(cases):
    return [str(one.case_id) for one in cases]


def at(text):
    return datetime.fromisoformat(text)


async def change(services, quay, case, **values):
    await change_case(services, UUID(quay.organization_id), case.case_id, **values)


async def test_an_entry_says_when_it_runs_out_and_what(queue, cases, eve, services, quay):
    entry = (await queue())[0]
    assert (at(entry["dueAt"]) - at(entry["createdAt"]), entry["dueReason"]) == (timedelta(hours=24), "PROMISE")
    soon = clock.now() + timedelta(hours=2)
    await hold(services, quay, cases[3], soon)
    first = (await queue())[0]
    assert (first["id"], first["dueReason"]) == (str(cases[3].case_id), "HOLD")
    assert at(first["dueAt"]) == at(first["holdEndsAt"])
    await cases[0].done(eve, "ask", {"text": "How tall are you?"})
    last = (await queue())[-1]
    assert (last["id"], last["dueAt"], last["dueReason"]) == (str(cases[0].case_id), None, None)


async def test_the_promise_counts_from_the_answer(queue, cases, eve, services, quay):
    await change(services, quay, cases[0], created_at=clock.now() - timedelta(hours=30))
    assert (await queue())[0]["id"] == str(cases[0].case_id)
    assert at((await queue())[0]["dueAt"]) < clock.now()
    await cases[0].done(eve, "ask", {"text": "How tall are you?"})
    await change(services, quay, cases[0], asked_patient_at=None)
    entry = (await queue())[-1]
    assert entry["id"] == str(cases[0].case_id)
    assert at(entry["dueAt"]) - at(entry["answeredAt"]) == timedelta(hours=24)


async def test_an_approved_case_runs_out_with_its_decision(queue, cases, eve, quay):
    until = (clock.now() + timedelta(days=30)).date()
    await cases[1].done(eve, "start")
    decision = {"productId": quay.product_id, "outcome": "APPROVED", "medInfo": [{"medicine": "Tablets"}]}
    await cases[1].done(
        eve,
        "decide",
        {"decisions": [decision | {"startDate": clock.now().date().isoformat(), "endDate": until.isoformat()}]},
    )
    entry = (await queue(status="APPROVED"))[0]
    assert (at(entry["dueAt"]).date(), entry["dueReason"]) == (until + timedelta(days=1), "DECISION")


async def test_a_license_that_ends_comes_before_a_promise(client, services, quay, cases):
    ends_on = earliest_day_in("NY", clock.now())
    last_day = await employ(services, quay, "Uma", licenses={"NY": ends_on, "OH": LONG})
    # Promised for later than the licence is good.
    await change(services, quay, cases[1], created_at=clock.now() + timedelta(hours=48))
    await change(services, quay, cases[3], created_at=clock.now() + timedelta(hours=47))
    answer = await client.get(URL, params={"fitsMyLicense": "true"}, headers=last_day.headers)
    entries = {one["id"]: one for one in answer.json()["cases"]}
    sooner = entries[str(cases[1].case_id)]
    assert (at(sooner["dueAt"]), sooner["dueReason"]) == (end_of_day_in("NY", ends_on), "LICENSE")
    assert entries[str(cases[3].case_id)]["dueReason"] == "PROMISE"
    assert list(entries)[-1] == str(cases[3].case_id)
    pages, after = [], None
    while (page := await one_page(client, last_day, after))["cases"]:
        pages += [one["id"] for one in page["cases"]]
        after = page["next"]
        if after is None:
            break
    assert pages == list(entries)


async def one_page(client, person, after):
    query = {"fitsMyLicense": "true", "limit": "1"} | ({"after": after} if after else {})
    answer = await client.get(URL, params=query, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_decision_that_can_be_undone_is_shown_and_not_dealt(client, services, quay, eve, cases, queue):
    await cases[0].done(eve, "start")
    decided = {"decisions": [decision(quay.product_id)], "graceSeconds": 300}
    await cases[0].done(eve, "decide", decided)
    shown = next(one for one in await queue() if one["id"] == str(cases[0].case_id))
    assert shown["heldDecision"]["by"]["id"] == str(eve.id)
    assert at(shown["heldDecision"]["dueAt"]) > clock.now()
    assert str(cases[0].case_id) not in ids(await queue(fitsMyLicense="true"))
    dealt = await client.post(f"{URL}/next", json={}, headers=eve.headers)
    assert dealt.json()["caseId"] == str(cases[1].case_id)
    told = await explain(client, eve, cases[0].case_id, fitsMyLicense="true")
    assert [one["code"] for one in told["reasons"]] == ["DECIDED"]
    await cases[0].done(eve, "undo-decision")
    assert str(cases[0].case_id) in ids(await queue(fitsMyLicense="true"))


def ids(entries):
    return [one["id"] for one in entries]


async def test_another_promise_in_the_file_moves_what_waits(queue, cases, services, quay, tmp_path):
    path = tmp_path / f"{quay.tenant}.yaml"
    content = json.loads(path.read_text())
    content["organization"]["answerWithinHours"] = 2
    path.write_text(json.dumps(content))
    await apply_file(services, path, False, {})
    assert {at(one["dueAt"]) - at(one["createdAt"]) for one in await queue()} == {timedelta(hours=2)}
    for hours in (0, 721, "2"):
        content["organization"]["answerWithinHours"] = hours
        path.write_text(json.dumps(content))
        with pytest.raises(InvalidFileError, match="answerWithinHours"):
            await apply_file(services, path, False, {})


async def test_counting_by_when_it_runs_out(services, quay, eve, cases):
    now = clock.now()
    for case, hours in zip(cases, (25, 23.5, 23.5, 10), strict=True):
        await change(services, quay, case, created_at=now - timedelta(hours=hours))
    actor = Actor(UUID(quay.organization_id), "staff", eve.id, OF_ROLE["CASEWORKER"])
    midnight = now + timedelta(hours=10)
    _, count = await list_and_count(services, actor, QueueQuery(), midnight)
    assert (count.total, count.late, count.hour, count.today, count.later) == (4, 1, 2, 0, 1)
    _, fitting = await list_and_count(services, actor, QueueQuery(fits_my_license="true"), now + timedelta(days=2))
    assert (fitting.total, fitting.today, fitting.later) == (3, 0, 0)
    await cases[0].done(eve, "start")
    await cases[1].done(eve, "ask", {"text": "How tall are you?"})
    views = await count_views(services, actor)
    assert views == ViewCounts(fits=2, unlicensed=1, mine=1, unassigned=3, asked=1, everyone=4)


async def explain(client, person, ref, **query):
    answer = await client.get(f"{URL}/{ref}/visibility", params=query, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_why_a_case_is_not_seen(client, services, quay, eve, cases, queue):
    oda = await employ(services, quay, "Oda")
    open_one, theirs, leased, ohio = cases
    await theirs.done(oda, "assign", {"staffId": str(oda.id)})
    await client.put(f"{URL}/{leased.case_id}/lease", headers=oda.headers)
    expected = [
        (open_one, {}, []),
        (open_one, {"fitsMyLicense": "true"}, []),
        (ohio, {"fitsMyLicense": "true"}, ["NO_LICENSE"]),
        (ohio, {"state": "ny"}, ["OTHER_STATE"]),
        (theirs, {"fitsMyLicense": "true"}, ["ASSIGNED"]),
        (theirs, {"assignedTo": "none", "status": "OPEN"}, ["STATUS", "ASSIGNED"]),
        (open_one, {"assignedTo": "me"}, ["UNASSIGNED"]),
        (leased, {"fitsMyLicense": "true"}, ["LEASED"]),
        (leased, {"isEscalated": "true", "awaitingPatient": "true", "isArchived": "true"},
         ["NOT_ARCHIVED", "PATIENT_NOT_ASKED", "NOT_ESCALATED"]),
        (open_one, {"product": str(uuid4()), "q": "ZZ"}, ["OTHER_ID", "OTHER_PRODUCT"]),
    ]  # fmt: skip
    for case, query, codes in expected:
        told = await explain(client, eve, case.case_id, **query)
        assert [one["code"] for one in told["reasons"]] == codes, (query, told)
        assert told["isShown"] == (str(case.case_id) in [one["id"] for one in await queue(**query)]) == (not codes)
    told = await explain(client, eve, ohio.case_id, fitsMyLicense="true")
    assert (
        told["text"]
        == "You do not see the case: the patient lives in OH; you have licenses that are good today for NY."
    )
    none = await employ(services, quay, "None", licenses={"NY": date(2000, 1, 1)})
    assert (await explain(client, none, ohio.case_id, fitsMyLicense="true"))["reasons"][0]["code"] == "NO_LICENSES"


async def test_why_by_short_id_and_for_whom(client, services, quay, eve, cases, queue, tmp_path):
    short_id = (await queue())[0]["shortId"]
    assert (await explain(client, eve, short_id.lower()))["caseId"] == (await queue())[0]["id"]
    stranger = await employ(services, await make_clinic(services, tmp_path), "Stranger")
    support = await employ(services, quay, "Sue", role="SUPPORT")
    for person, ref, status in (
        (stranger, short_id, 404),
        (eve, "ZZZ-1", 404),
        (eve, uuid4(), 404),
        (support, short_id, 403),
    ):
        assert (await client.get(f"{URL}/{ref}/visibility", headers=person.headers)).status_code == status
    assert (await client.get(f"{URL}/{short_id}/visibility")).status_code == 401
    refused = await client.get(f"{URL}/{short_id}/visibility", params={"limit": "7"}, headers=eve.headers)
    assert refused.status_code == 400
