"""GET /api/staff/cases/{id}/chart: flags of the clinic's forms, what changed since the case before, allergies."""

from uuid import uuid4

import pytest

from tests.chart.people import ALLERGIES, NAUSEA, PAIN, PANCREATITIS, WEIGHT, products
from tests.detail.asking import create_case
from tests.factories.cases import case_body

CASES = "/api/staff/cases"


async def new_case(client, clinic, email, **answers):
    body = case_body(clinic.product_id, email, products=products(clinic.product_id, **answers), forceCreate=True)
    return await create_case(client, clinic, body)


async def chart_of(client, person, case_id):
    answer = await client.get(f"{CASES}/{case_id}/chart", headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_answer_raises_the_flag_of_its_question(client, harbor, ada, email):
    case_id = await new_case(client, harbor, email, pain=True)
    (flag,) = (await chart_of(client, ada, case_id))["flags"]
    assert (flag["kind"], flag["text"], flag["question"], flag["answer"]) == ("QUESTION", PANCREATITIS, PAIN, "Yes")


async def test_an_option_raises_its_own_flag(client, harbor, ada, email):
    case_id = await new_case(client, harbor, email, nausea="Most weeks")
    (flag,) = (await chart_of(client, ada, case_id))["flags"]
    assert (flag["kind"], flag["question"], flag["answer"]) == ("OPTION", NAUSEA, "Most weeks")


async def test_a_no_raises_none(client, harbor, ada, email):
    case_id = await new_case(client, harbor, email)
    found = await chart_of(client, ada, case_id)
    assert found["flags"] == []
    assert found["previousCase"] is None
    assert found["changes"] == []


async def test_what_changed_since_the_case_before(client, harbor, ada, email):
    first = await new_case(client, harbor, email)
    second = await new_case(client, harbor, email, pain=True, weight="203 lb")
    found = await chart_of(client, ada, second)
    assert found["previousCase"]["id"] == str(first)
    changes = {
        change["question"]: (change["before"], change["now"], change["difference"]) for change in found["changes"]
    }
    assert changes == {PAIN: ("No", "Yes", None), WEIGHT: ("214 lb", "203 lb", "\N{MINUS SIGN}11")}
    assert found["sameCount"] == 1


async def test_a_yes_is_a_yes_however_it_is_spelled(client, harbor, ada, email):
    await new_case(client, harbor, email, pain=True)
    second = await new_case(client, harbor, email, pain="Yes")
    assert (await chart_of(client, ada, second))["changes"] == []


async def test_a_case_that_asked_something_else_is_passed_over(client, harbor, ada, email):
    first = await new_case(client, harbor, email)
    await create_case(client, harbor, case_body(harbor.product_id, email, forceCreate=True))
    third = await new_case(client, harbor, email, weight="200 lb")
    found = await chart_of(client, ada, third)
    assert found["previousCase"]["id"] == str(first)
    assert len(found["changes"]) == 1


async def test_nobody_elses_case_is_compared(client, harbor, ada, email):
    await new_case(client, harbor, f"{uuid4().hex}@patient.example", weight="100 lb")
    case_id = await new_case(client, harbor, email)
    assert (await chart_of(client, ada, case_id))["previousCase"] is None


async def test_allergies_and_medicines_as_they_were_answered(client, harbor, ada, email):
    case_id = await new_case(client, harbor, email, allergies="Penicillin: hives", medicines="Levothyroxine 75 mcg")
    health = (await chart_of(client, ada, case_id))["health"]
    assert health["allergiesAnswered"] == "Penicillin: hives"
    assert health["medicationsAnswered"] == "Levothyroxine 75 mcg"
    assert health["allergies"] is None
    assert ALLERGIES


async def test_a_storefront_never_sees_flags(client, harbor):
    answer = await client.get("/api/v1/bundles", headers=harbor.key)
    assert PANCREATITIS not in answer.text


async def test_the_read_is_recorded_for_both_cases(client, harbor, ada, email, look):
    first, second = await new_case(client, harbor, email), await new_case(client, harbor, email)
    await chart_of(client, ada, second)
    query = "SELECT record_id FROM phi_reads WHERE actor_id = %s AND reason = 'flags and changes of a case' AND record_id = ANY(%s)"
    assert {row[0] for row in await look(query, ada.id, [first, second])} == {first, second}


async def test_the_short_id_will_do(client, harbor, ada, email):
    case_id = await new_case(client, harbor, email, pain=True)
    whole = await client.get(f"{CASES}/{case_id}", headers=ada.headers)
    assert (await chart_of(client, ada, whole.json()["shortId"].lower()))["flags"]


@pytest.mark.parametrize("end", ["chart", "timeline"])
async def test_credentials(client, harbor, ada, support, stranger, email, end):
    url = f"{CASES}/{await new_case(client, harbor, email)}/{end}"
    assert (await client.get(url)).status_code == 401
    assert (await client.get(url, headers={"Authorization": "Bearer cvt_wrong"})).status_code == 401
    assert (await client.get(url, headers=support.headers)).status_code == 403
    assert (await client.get(url, headers=stranger.headers)).status_code == 404
    assert (await client.get(f"{CASES}/{uuid4()}/{end}", headers=ada.headers)).status_code == 404
    assert (await client.get(f"{CASES}/no-case/{end}", headers=ada.headers)).status_code == 404
    assert (await client.get(url, params={"wrong": "1"}, headers=ada.headers)).status_code == 400


async def test_the_timeline_says_who_and_what(client, harbor, ada, email):
    url = f"{CASES}/{await new_case(client, harbor, email)}"
    await client.post(f"{url}/start", headers=ada.headers)
    await client.post(f"{url}/comment", json={"text": "Hello", "isRestricted": True}, headers=ada.headers)
    first = (await client.get(f"{url}/timeline", params={"limit": "2"}, headers=ada.headers)).json()
    assert [(event["type"], event["isRestricted"]) for event in first["events"]] == [
        ("ADD_CASE_COMMENT", True),
        ("CHANGE_CASE_STATUS", False),
    ]
    assert first["events"][0]["actor"]["firstName"] == "Ada"
    rest = (await client.get(f"{url}/timeline", params={"after": first["next"]}, headers=ada.headers)).json()
    assert [event["type"] for event in rest["events"]] == ["ADD_CASE_ASSIGNEE", "CREATE_CASE"]
    assert rest["events"][0]["about"] == "Ada Berg"
    assert rest["next"] is None


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": "0"}, {"limit": "201"}, {"limit": "many"}])
async def test_a_page_that_is_none(client, harbor, ada, email, query):
    url = f"{CASES}/{await new_case(client, harbor, email)}/timeline"
    answer = await client.get(url, params=query, headers=ada.headers)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.text
