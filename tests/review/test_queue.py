"""The queue: what is on it, in which order, page by page, and what its filters leave."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from tests.detail.asking import create_case
from tests.factories.cases import case_body, change_case
from tests.factories.payments import add_gateway, add_intent, charge
from tests.own_clinic import make_clinic
from tests.review.people import Desk, employ

URL = "/api/staff/cases"


@pytest.fixture
async def quay(services, tmp_path):
    """A clinic whose queue holds only what the test put there."""
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def eve(services, quay):
    return await employ(services, quay, "Eve")


@pytest.fixture
def queue(client, eve):
    async def ask(**query):
        answer = await client.get(URL, params=query, headers=eve.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture
async def cases(client, quay) -> list[Desk]:
    """Four cases, oldest first; the last patient lives in Ohio."""
    ohio = case_body(quay.product_id)
    ohio["user"]["shippingAddress"] |= {"state": "OH", "postalCode": "43004"}
    bodies = [*(case_body(quay.product_id) for _ in range(3)), ohio]
    return [Desk(client, await create_case(client, quay, body)) for body in bodies]


def ids(page):
    return [entry["id"] for entry in page["cases"]]


def ids_of(cases):
    return [str(one.case_id) for one in cases]


async def test_a_case_follows_its_patient_to_another_state(queue, cases, client, quay):
    patient_id = (await queue(state="OH"))["cases"][0]["patient"]["id"]
    moved = await client.put(f"/user/patient/{patient_id}", json={"state": "tx"}, headers=quay.billing)
    assert moved.status_code == 200, moved.text
    assert (await queue(state="OH"))["cases"] == []
    assert ids(await queue(state="TX")) == ids_of([cases[3]])


async def test_an_entry_tells_what_staff_must_know_to_choose(queue, cases, eve, quay):
    await cases[0].done(eve, "start")
    entry = (await queue())["cases"][0]
    assert entry["shortId"].startswith("OWN-")
    assert (entry["status"], entry["isEscalated"], entry["isTest"]) == ("IN_PROGRESS", False, False)
    assert (entry["patient"]["firstName"], entry["patient"]["state"]) == ("Iris", "NY")
    assert entry["assignedTo"] == {"id": str(eve.id), "firstName": "Eve", "lastName": "Berg"}
    assert entry["requests"] == [{"productId": quay.product_id, "name": "Tablets", "status": "PENDING"}]
    assert entry["waitsSince"] == (await cases[0].read(eve))["inProgressAt"] > entry["createdAt"]
    assert entry["title"]


async def test_the_oldest_is_first_and_pages_follow_each_other_without_gaps(queue, cases):
    first = await queue(limit=3)
    assert (ids(first), first["next"]) == (ids_of(cases[:3]), str(cases[2].case_id))
    second = await queue(limit=3, after=first["next"])
    assert (ids(second), second["next"]) == (ids_of(cases[3:]), None)
    assert (await queue(after=str(uuid4())))["cases"] == []


async def hold(services, quay, case, until):
    """Money of the case is held until then."""
    here = (services, UUID(quay.organization_id))
    async with services.db.reading(here[1]) as conn:
        found = await conn.execute("SELECT id FROM gateway_accounts WHERE organization_id = %s", (here[1],))
        known = await found.fetchone()
    account_id = known[0] if known else await add_gateway(*here)
    payment_id = await charge(*here, case.case_id, 100, status="UNPAID")
    await add_intent(*here, payment_id, account_id, 100, capturable_cents=100, hold_ends_at=until)


async def test_cases_whose_hold_ends_within_a_day_come_first_on_all_pages(queue, cases, services, quay):
    soon, later = clock.now() + timedelta(hours=23), clock.now() + timedelta(hours=25)
    await hold(services, quay, cases[2], soon)
    await hold(services, quay, cases[3], soon)
    await hold(services, quay, cases[1], later)
    expected = ids_of([cases[2], cases[3], cases[0], cases[1]])
    page = await queue()
    assert ids(page) == expected
    assert [entry["holdEndsAt"] is not None for entry in page["cases"]] == [True, True, False, True]
    for limit in (1, 2, 3):
        seen, after = [], {}
        while True:
            page = await queue(limit=limit, **after)
            seen += ids(page)
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert seen == expected
    assert ids(await queue(state="OH")) == ids_of([cases[3]])


async def test_a_hold_that_matters_no_more_moves_nothing(queue, cases, services, quay):
    await hold(services, quay, cases[3], clock.now() + timedelta(hours=1))
    await change_case(services, UUID(quay.organization_id), cases[3].case_id, status="APPROVED")
    assert ids(await queue(status=["OPEN", "APPROVED"])) == ids_of(cases)


async def test_cases_of_the_same_moment_are_each_shown_once(queue, cases, services, quay):
    for one in cases:
        await change_case(services, UUID(quay.organization_id), one.case_id, created_at="2026-01-01T00:00:00Z")
    seen, after = [], {}
    while True:
        page = await queue(limit=1, **after)
        seen += ids(page)
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == sorted(ids_of(cases))


async def test_each_filter_leaves_what_it_names(queue, cases, eve, services, quay):
    other = await employ(services, quay, "Oda")
    waiting, mine, theirs, ohio = cases
    await mine.done(eve, "start")
    await mine.done(eve, "ask", {"text": "How tall are you?"})
    await theirs.done(eve, "assign", {"staffId": str(other.id)})
    await theirs.done(eve, "escalate", {})
    for query, left in [
        ({"assignedTo": "me"}, [mine]),
        ({"assignedTo": str(other.id)}, [theirs]),
        ({"assignedTo": "none"}, [waiting, ohio]),
        ({"status": "ASSIGNED"}, [theirs]),
        ({"status": ["ASSIGNED", "IN_PROGRESS"]}, [theirs, mine]),
        ({"isEscalated": "true"}, [theirs]),
        ({"isEscalated": "false"}, [waiting, ohio, mine]),
        ({"awaitingPatient": "true"}, [mine]),
        ({"awaitingPatient": "false"}, [waiting, theirs, ohio]),
        ({"assignedTo": "anyone"}, [waiting, theirs, ohio, mine]),
        ({"product": quay.product_id, "state": "ny"}, [waiting, theirs, mine]),
        ({"product": str(uuid4())}, []),
        ({"fitsMyLicense": "true"}, [waiting, mine]),
        ({"fitsMyLicense": "true", "awaitingPatient": "false"}, [waiting]),
        ({"state": "oh"}, [ohio]),
        ({"state": "oh", "assignedTo": "me"}, []),
    ]:
        assert ids(await queue(**query)) == ids_of(left), query
    short_id = (await queue(state="OH"))["cases"][0]["shortId"]
    assert ids(await queue(q=short_id.lower())) == ids_of([ohio])
    assert ids(await queue(q="OWN-")) == ids_of([waiting, theirs, ohio, mine])
    assert ids(await queue(q="%")) == []


async def test_without_a_filter_only_what_waits_for_the_clinic_is_shown(queue, cases, eve, services, quay):
    await cases[0].done(eve, "archive", {"reason": "RESOLVED"})
    for one, status in zip(cases[1:], ("REJECTED", "ABANDONED", "OPEN"), strict=True):
        await change_case(services, UUID(quay.organization_id), one.case_id, status=status)
    assert ids(await queue()) == ids_of(cases[3:])
    assert ids(await queue(isArchived="true")) == ids_of(cases[:1])
    assert ids(await queue(status=["REJECTED", "ABANDONED"])) == ids_of(cases[1:3])


async def test_a_refused_query_says_what_would_be_accepted(client, eve):
    for query, field in [
        ({"status": "MAYBE"}, "status"),
        ({"status": ["OPEN", "open"]}, "status"),
        ({"assignedTo": "Eve"}, "assignedTo"),
        ({"isEscalated": "yes"}, "isEscalated"),
        ({"isArchived": "1"}, "isArchived"),
        ({"awaitingPatient": ""}, "awaitingPatient"),
        ({"state": ""}, "state"),
        ({"product": "Tablets"}, "product"),
        ({"fitsMyLicense": "false"}, "fitsMyLicense"),
        ({"fits": "true"}, "fits"),
        ({"q": "\0"}, "q"),
        ({"q": "x" * 51}, "q"),
        ({"after": "7"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "²"}, "limit"),
    ]:
        answer = await client.get(URL, params=query, headers=eve.headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), query


async def test_who_may_look(client, dan, stranger, desk):
    assert (await client.get(URL)).status_code == 401
    assert (await client.get(URL, headers={"authorization": "Bearer cvt_wrong"})).status_code == 401
    assert (await client.get(URL, headers=dan.headers)).status_code == 403
    seen = await client.get(URL, headers=stranger.headers, params={"limit": 200})
    assert str(desk.case_id) not in seen.text


async def test_looking_at_the_queue_is_on_record(queue, cases, eve, quay, look):
    await queue()
    reads = await look("SELECT actor_id, reason FROM phi_reads WHERE record_id = %s", quay.organization_id)
    assert reads == [(eve.id, "queue of cases")]
