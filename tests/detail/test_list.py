"""GET /api/v1/cases: the cases of a period, page by page, each as the detail shows it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from carelane.case_detail.listing import queries
from carelane.case_detail.listing.schemas import CasesQuery
from carelane.kit.auth import system_actor
from tests.detail.asking import create_case, read_case
from tests.detail.test_round_trips import tapped_client
from tests.factories.cases import case_body
from tests.factories.documents import attach
from tests.own_clinic import make_clinic

PATH = "/api/v1/cases"


@pytest.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def three(client, own):
    return [await create_case(client, own) for _ in range(3)]


def period(**more):
    now = datetime.now(UTC)
    around = {"startTime": now - timedelta(days=1), "endTime": now + timedelta(days=1)}
    return {name: moment.isoformat().replace("+00:00", "Z") for name, moment in around.items()} | more


@pytest.fixture
def listed(client, own):
    async def ask(headers=None, **query):
        return await client.get(PATH, params=query, headers=own.key if headers is None else headers)

    return ask


async def test_a_case_is_as_in_its_detail(listed, three, client, own):
    answer = await listed(**period(includeOrders="true", includeCalendarEvents="true"))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert list(told) == ["status", "success", "pageInfo", "cases"]
    assert told["pageInfo"] == {
        "cursor": {"start": str(three[0]), "end": str(three[2])},
        "hasNextPage": False,
        "hasPreviousPage": False,
    }
    assert [case["id"] for case in told["cases"]] == [str(one) for one in three]
    flags = dict.fromkeys(("includeOrders", "includeCalendarEvents", "includeCaseProducts"), "true")
    for case, case_id in zip(told["cases"], three, strict=True):
        assert case == await read_case(client, own, case_id, **flags)


async def test_what_is_not_asked_for_is_absent(listed, three):
    (case, *_) = (await listed(**period())).json()["cases"]
    assert not {"attachments", "orders", "calendarEvents"} & set(case)
    assert "subscription" in case["caseProducts"][0]


async def test_pages(listed, three):
    first = (await listed(**period(recordsPerPage="2"))).json()
    assert [case["id"] for case in first["cases"]] == [str(one) for one in three[:2]]
    assert first["pageInfo"]["hasNextPage"] is True
    second = (await listed(**period(recordsPerPage="2", after=first["pageInfo"]["cursor"]["end"]))).json()
    assert [case["id"] for case in second["cases"]] == [str(three[2])]
    assert second["pageInfo"] == {
        "cursor": {"start": str(three[2]), "end": str(three[2])},
        "hasNextPage": False,
        "hasPreviousPage": True,
    }


async def test_an_empty_page(listed):
    told = (await listed(**period())).json()
    assert told["cases"] == []
    assert told["pageInfo"]["cursor"] == {"start": None, "end": None}


async def test_nothing_follows_a_case_that_is_not_there_or_another_clinics(listed, three, client, clinic):
    theirs = await create_case(client, clinic)
    for after in (uuid4(), theirs):
        assert (await listed(**period(after=str(after)))).json()["cases"] == []


async def test_statuses(listed, three, client, own):
    body = case_body(own.product_id)
    left = await create_case(client, own, body | {"status": "ABANDONED"})
    told = (await listed(**period(status="ABANDONED, rejected"))).json()
    assert [case["id"] for case in told["cases"]] == [str(left)]
    assert len((await listed(**period(status="OPEN,ASSIGNED,ABANDONED"))).json()["cases"]) == 4


async def test_only_the_period(listed, three, owner_url):
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        await conn.execute("UPDATE cases SET created_at = '2024-02-01T00:00:00Z' WHERE id = %s", (three[0],))
        await conn.execute("UPDATE cases SET created_at = '2024-03-01T00:00:00Z' WHERE id = %s", (three[1],))
    query = {"startTime": "2024-02-01T00:00:00Z", "endTime": "2024-03-01T00:00:00Z"}
    assert [case["id"] for case in (await listed(**query)).json()["cases"]] == [str(three[0])]
    # 02:00+02:00 whose plus was not escaped.
    query["startTime"] = "2024-02-01T02:00:00 02:00"
    assert len((await listed(**query)).json()["cases"]) == 1


async def test_documents_as_links_and_inline(listed, three, services, own):
    await attach(services, UUID(own.organization_id), three[0], b"Scan", "scan.txt")
    for form, member in (("url", "url"), ("base64", "content")):
        answer = await listed(**period(includeAttachments="true", documentFormat=form))
        assert answer.status_code == 200, answer.text
        (attachment,) = answer.json()["cases"][0]["attachments"]
        assert attachment["fileName"] == "scan.txt"
        assert attachment[member]


async def test_a_page_ends_before_it_is_too_large(services, three, own):
    organization_id = UUID(own.organization_id)
    wanted = query_of(period()).wanted()
    async with services.db.transaction(system_actor(organization_id)) as conn:
        page = await queries.list_cases(conn, organization_id, wanted, most_bytes=1)
        assert [case.id for case in page.cases] == three[:1]
        assert page.has_more
        wanted = msgspec.structs.replace(wanted, after=page.cases[0].id)
        rest = await queries.list_cases(conn, organization_id, wanted)
    assert [case.id for case in rest.cases] == three[1:]
    assert not rest.has_more


def query_of(sent):
    names = dict.fromkeys(field.name for field in msgspec.structs.fields(CasesQuery))
    return CasesQuery(**names | {"start_time": sent["startTime"], "end_time": sent["endTime"]})


async def test_who_saw_which_case_is_recorded(listed, three, owner_url):
    assert (await listed(**period(recordsPerPage="2"))).status_code == 200
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        read = "SELECT record_id FROM phi_reads WHERE record_id = ANY(%s) AND reason = 'list of cases'"
        found = await (await conn.execute(read, (three,))).fetchall()
    assert {one for (one,) in found} == set(three[:2])


@pytest.mark.parametrize("size", ["1", "3"])
async def test_a_page_takes_two_round_trips_whatever_its_size(services, tmp_path, own, three, size):
    async with tapped_client(services, tmp_path) as (client, tap):
        query = period(recordsPerPage=size, includeOrders="true")
        assert len((await client.get(PATH, params=query, headers=own.key)).json()["cases"]) == int(size)
        before = tap.round_trips
        assert (await client.get(PATH, params=query, headers=own.key)).status_code == 200
        assert tap.round_trips - before == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"startTime": None}, "startTime"),
        ({"endTime": None}, "endTime"),
        ({"startTime": "yesterday"}, "startTime"),
        ({"endTime": "2024-13-01"}, "endTime"),
        ({"startTime": "2024-02-01T00:00:00Z", "endTime": "2024-02-01T00:00:00Z"}, "endTime"),
        ({"startTime": "2024-02-02T00:00:00Z", "endTime": "2024-02-01T00:00:00Z"}, "endTime"),
        ({"startTime": "2024-01-01T00:00:00Z", "endTime": "2024-03-01T00:00:01Z"}, "endTime"),
        ({"status": "OPEN,CLOSED"}, "status"),
        ({"recordsPerPage": "0"}, "recordsPerPage"),
        ({"recordsPerPage": "101"}, "recordsPerPage"),
        ({"recordsPerPage": "-1"}, "recordsPerPage"),
        ({"recordsPerPage": "ten"}, "recordsPerPage"),
        ({"after": "next"}, "after"),
        ({"includeAttachments": "yes"}, "includeAttachments"),
        ({"includeOrders": "1"}, "includeOrders"),
        ({"includeAttachments": "true"}, "documentFormat"),
        ({"documentFormat": "pdf"}, "documentFormat"),
    ],
)
async def test_a_wrong_parameter_is_named(listed, changes, field):
    query = {name: text for name, text in (period() | changes).items() if text is not None}
    answer = await listed(**query)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["status"], told["success"], told["message"]) == (400, False, "Invalid request")
    assert [problem["field"] for problem in told["errors"]] == [field]


async def test_sixty_days_are_accepted(listed):
    query = {"startTime": "2024-01-01T00:00:00Z", "endTime": "2024-03-01T00:00:00Z"}
    assert (await listed(**query)).status_code == 200


async def test_credentials(listed, clinic):
    assert (await listed({}, **period())).status_code == 401
    assert (await listed({"cv-api-key": "cvk_wrong"}, **period())).status_code == 401
    assert (await listed(clinic.catalog_only, **period())).status_code == 403
