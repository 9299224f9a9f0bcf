"""Cases in GraphQL: who may see them, what they say, that each read is recorded, and that a page costs what one case does."""

from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from carelane.app import create_litestar
from carelane.services import make_services
from carelane.web.edge import Edge
from tests.detail.asking import create_case
from tests.detail.test_audit import reads_of
from tests.detail.test_round_trips import tapped_client
from tests.factories.cases import add_request
from tests.graphql_api.asking import CASE, CASES, ORGANIZATIONS, PATH, TREATMENTS, ask, code_of, data_of
from tests.own_clinic import make_clinic
from tests.review.people import Desk, employ

SUBSCRIPTION = {"interval": "month", "intervalCount": 3}


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("graphql"), notificationEmails=[])


@pytest.fixture(scope="module")
async def ada(services, clinic):
    return await employ(services, clinic, "Ada")


@pytest.fixture(scope="module")
async def outsider(services, other_clinic):
    return await employ(services, other_clinic, "Otto")


@pytest.fixture(scope="module")
async def case_id(client, clinic) -> UUID:
    product = {"id": clinic.product_id, "subscription": SUBSCRIPTION}
    return await create_case(client, clinic, products=[product])


async def test_a_clinician_sees_the_case(client, ada, case_id):
    case = (await data_of(client, CASE, ada.headers, caseId=str(case_id)))["caseById"]
    assert case["id"] == str(case_id)
    assert case["shortId"].startswith("OWN-")
    assert (case["status"], case["type"], case["title"]) == ("OPEN", "GLP", case["title"])
    assert (case["isArchived"], case["archiveReason"], case["closedAt"]) == (False, None, None)
    named = case["submitter"]
    assert (named["firstName"], named["lastName"], named["fullName"]) == ("Iris", "Marker", "Iris Marker")
    assert named["phoneNumber"] == "+12125550142"


async def test_it_says_what_rest_says(client, clinic, ada, case_id):
    query = """query ($caseId: String) { caseById(caseId: $caseId) { id shortId status type title createdAt updatedAt
      isArchived isEscalated isTest referralCode submitter { id firstName lastName email phoneNumber } } }"""
    shown = (await data_of(client, query, ada.headers, caseId=str(case_id)))["caseById"]
    answer = await client.get(f"/api/staff/cases/{case_id}", headers=ada.headers)
    rest = answer.json()
    submitter = shown.pop("submitter")
    assert shown == {name: rest[name] for name in shown}
    assert submitter == {name: rest["submitter"][name] for name in submitter}


async def test_a_closed_case_says_why(client, services, ada, clinic):
    case_id = await create_case(client, clinic)
    desk = Desk(client, case_id)
    await desk.done(ada, "archive", {"reason": "INELIGIBLE", "note": "Too young"})
    case = (await data_of(client, CASE, ada.headers, caseId=str(case_id)))["caseById"]
    assert (case["isArchived"], case["archiveReason"], case["archiveNote"]) == (True, "INELIGIBLE", "Too young")
    assert case["closedAt"]


async def test_products_of_a_case_have_their_subscription(client, clinic, ada, case_id):
    """Seed 000: values are stored on the case product and returned in GraphQL."""
    [product] = (await data_of(client, TREATMENTS, ada.headers, caseId=str(case_id)))["caseTreatments"]
    assert product["subscription"] == SUBSCRIPTION
    assert product["organizationProduct"] == {"id": clinic.product_id, "name": "Tablets"}
    assert product["status"] == "OPEN"


async def test_a_product_without_a_subscription_has_none(client, clinic, ada):
    case_id = await create_case(client, clinic)
    [product] = (await data_of(client, TREATMENTS, ada.headers, caseId=str(case_id)))["caseTreatments"]
    assert product["subscription"] is None


async def test_requests_come_newest_first(client, services, clinic, ada):
    case_id = await create_case(client, clinic)
    query = (
        """query ($id: String!) { caseTreatments(caseId: $id) { id caseProductRequests { id status visitType } } }"""
    )
    [product] = (await data_of(client, query, ada.headers, id=str(case_id)))["caseTreatments"]
    refill = await add_request(services, UUID(clinic.organization_id), UUID(product["id"]), status="REJECTED")
    [product] = (await data_of(client, query, ada.headers, id=str(case_id)))["caseTreatments"]
    assert [request["status"] for request in product["caseProductRequests"]] == ["REJECTED", "PENDING"]
    assert product["caseProductRequests"][0]["id"] == str(refill)


async def test_one_sees_ones_own_organization_alone(client, clinic, ada, outsider):
    for person, organization_id in ((ada, clinic.organization_id), (outsider, None)):
        [own] = (await data_of(client, ORGANIZATIONS, person.headers))["allOrganizations"]
        assert (own["id"] == clinic.organization_id) == (organization_id is not None)
        assert [category["name"] for category in own["caseCategories"]] == ["GLP"]


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("query", [CASE, TREATMENTS])
async def test_nobody_sees_a_case_without_a_credential(client, case_id, query):
    assert await code_of(client, query, caseId=str(case_id)) == "UNAUTHORIZED"


@pytest.mark.parametrize("query", [CASES, ORGANIZATIONS])
async def test_nor_a_list(client, query):
    assert await code_of(client, query) == "UNAUTHORIZED"


@pytest.mark.parametrize("query", [CASE, TREATMENTS])
async def test_another_clinics_case_is_not_there(client, outsider, case_id, query):
    theirs = await ask(client, query, outsider.headers, caseId=str(case_id))
    unknown = await ask(client, query, outsider.headers, caseId=str(uuid4()))
    assert theirs == unknown
    assert theirs["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_another_clinics_cases_are_in_no_list(client, outsider, case_id):
    assert str(case_id) not in str(await data_of(client, CASES, outsider.headers, limit=100))
    after = (await data_of(client, CASES, outsider.headers, after=str(case_id), limit=100))["cases"]
    assert str(case_id) not in str(after)


async def test_a_role_without_the_permission_is_refused(client, services, clinic, case_id):
    supporter = await employ(services, clinic, "Sam", role="SUPPORT")
    for query in (CASE, TREATMENTS):
        assert await code_of(client, query, supporter.headers, caseId=str(case_id)) == "PERMISSION_DENIED"
    assert await code_of(client, CASES, supporter.headers) == "PERMISSION_DENIED"


async def test_a_key_without_the_scope_is_refused(client, clinic, case_id):
    assert await code_of(client, CASE, clinic.catalog_only, caseId=str(case_id)) == "PERMISSION_DENIED"


async def test_a_key_and_a_clients_token_with_the_scope_may(client, clinic, case_id):
    form = {"grant_type": "client_credentials", "client_id": clinic.client_id, "client_secret": clinic.client_secret}
    token = (await client.post("/oauth/token", data=form)).json()["access_token"]
    for headers in (clinic.key, {"Authorization": f"Bearer {token}"}):
        assert (await data_of(client, CASE, headers, caseId=str(case_id)))["caseById"]["id"] == str(case_id)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer cvt_unknown"},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic eDp5"},
        {"cv-api-key": "cvk_unknown"},
        {"Authorization": "Bearer " + "x" * 5_000},
    ],
)
async def test_a_wrong_credential_is_refused_even_for_what_is_public(client, headers):
    answer = await client.post(PATH, json={"query": "{ __typename }"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHORIZED"


async def test_a_browsers_cookie_is_no_credential(client, ada, case_id):
    cookie = {"Cookie": f"carelane_session={ada.headers['Authorization'].split()[1]}"}
    assert await code_of(client, CASE, cookie, caseId=str(case_id)) == "UNAUTHORIZED"


async def test_who_was_signed_out_is_out_at_once(client, services, clinic, case_id):
    person = await employ(services, clinic, "Gone")
    assert await data_of(client, CASE, person.headers, caseId=str(case_id))
    assert (await client.delete("/api/staff/sessions/current", headers=person.headers)).status_code < 300
    answer = await client.post(
        PATH, json={"query": CASE, "variables": {"caseId": str(case_id)}}, headers=person.headers
    )
    assert answer.status_code == 401


# ---------------------------------------------------------------- records of reads


async def test_each_read_is_recorded(client, services, clinic, ada):
    case_id = await create_case(client, clinic)
    organization_id = UUID(clinic.organization_id)
    request_id = f"graphql-{uuid4().hex}"
    headers = ada.headers | {"x-request-id": request_id}
    await data_of(client, CASE, headers, caseId=str(case_id))
    await data_of(client, TREATMENTS, headers, caseId=str(case_id))
    await data_of(client, CASES, headers, limit=1)
    found = await reads_of(services, organization_id, case_id)
    assert found == [("staff", None, "case", "case overview", request_id)] * 3


async def test_a_case_that_is_asked_for_twice_in_one_query_is_read_once(client, services, clinic, ada):
    case_id = await create_case(client, clinic)
    query = """query ($id: String!) { a: caseById(caseId: $id) { id } b: caseById(caseId: $id) { title }
      caseTreatments(caseId: $id) { id } }"""
    await data_of(client, query, ada.headers, id=str(case_id))
    assert len(await reads_of(services, UUID(clinic.organization_id), case_id)) == 1


async def test_what_was_not_seen_is_not_recorded(client, services, clinic, outsider):
    case_id = await create_case(client, clinic)
    await ask(client, CASE, outsider.headers, caseId=str(case_id))
    await ask(client, CASE, caseId=str(case_id))
    assert await reads_of(services, UUID(clinic.organization_id), case_id) == []


# ---------------------------------------------------------------- pages


@pytest.fixture(scope="module")
async def many(client, services, tmp_path_factory):
    clinic = await make_clinic(services, tmp_path_factory.mktemp("many"), notificationEmails=[])
    ids = [str(await create_case(client, clinic)) for _ in range(105)]
    return clinic, await employ(services, clinic, "Mona"), ids


async def test_pages_tell_every_case_once_newest_first(client, many):
    _, mona, ids = many
    seen, after, sizes = [], None, []
    while True:
        page = (await data_of(client, CASES, mona.headers, limit=50, after=after))["cases"]
        seen += [case["id"] for case in page["data"]]
        sizes.append(len(page["data"]))
        assert page["hasMore"] == (page["cursor"] is not None)
        if not page["hasMore"]:
            break
        after = page["cursor"]
    assert seen == sorted(ids, reverse=True)
    assert sizes == [50, 50, 5]


@pytest.mark.parametrize(
    ("variables", "named"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": -1}, "limit"), ({"after": "x"}, "after")],
)
async def test_a_page_that_cannot_be_is_named(client, ada, variables, named):
    body = await ask(client, CASES, ada.headers, **variables)
    [error] = body["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert named in error["message"]


async def test_a_page_of_a_hundred_costs_what_one_of_ten_does(services, tmp_path, many):
    """Round trips to the database, with the products of each case."""
    _, mona, _ = many
    async with tapped_client(services, tmp_path) as (client, tap):
        trips = {}
        for limit in (100, 10, 100, 10):
            before = tap.round_trips
            body = {"query": CASES, "variables": {"limit": limit}}
            answer = await client.post(PATH, json=body, headers=mona.headers)
            assert len(answer.json()["data"]["cases"]["data"]) == limit
            assert all(case["caseProducts"] for case in answer.json()["data"]["cases"]["data"])
            trips[limit] = tap.round_trips - before
    assert trips[100] == trips[10]
    # The session, the page with its records, the products.
    assert trips[10] == 6


async def test_when_the_database_is_away_the_whole_answer_is_503(client, services, ada):
    """A client must not take half an answer for the whole."""
    settings = msgspec.structs.replace(
        services.settings, database_url="postgresql://nobody@127.0.0.1:9/none?connect_timeout=1"
    )
    app = create_litestar(settings, make_services(settings))
    async with app.lifespan():
        transport = httpx.ASGITransport(Edge(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://carelane", timeout=60) as away:
            query = '{ organizationBrandInfo(linkName: "x") { name } }'
            answer = await away.post(PATH, json={"query": query})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
