"""Templates over HTTP: one's own and the clinic's, found, filled in, changed and archived."""

from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.review.people import employ

session = pytest_asyncio.fixture(scope="session", loop_scope="session")
URL = "/api/staff/templates"


@session
async def harbor(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("harbor"))


@session
async def island(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("island"))


@session
async def ada(services, harbor):
    return await employ(services, harbor, "Ada", title="Dr.")


@session
async def ben(services, harbor):
    return await employ(services, harbor, "Ben")


@session
async def cleo(services, harbor):
    return await employ(services, harbor, "Cleo", role="CASEMANAGER", npi=None, licenses={})


@session
async def dan(services, harbor):
    return await employ(services, harbor, "Dan", role="SUPPORT", npi=None, licenses={})


@session
async def stranger(services, island):
    return await employ(services, island, "Stranger", role="ADMIN", npi=None, licenses={})


def reply(**over):
    usual = {"kind": "REPLY", "name": f"Reply {uuid4()}", "content": {"text": "Dear {firstName}, thank you."}}
    return usual | over


def prescribing(**content):
    medicine = {"medicine": "Zephyrol", "refillCount": 2, "pharmacyInstructions": "For {firstName} {lastName}"}
    usual = {"text": "Dear {firstName}", "outcome": "APPROVED", "validDays": 90, "medInfo": [medicine]}
    return {"kind": "DECISION", "name": f"Decision {uuid4()}", "content": usual | content}


@pytest.fixture
def desk(client):
    class Caller:
        async def send(self, person, method, path="", body=None, **query):
            return await client.request(method, URL + path, json=body, params=query, headers=person.headers)

        async def make(self, person, body):
            answer = await self.send(person, "POST", "", body)
            assert answer.status_code == 200, answer.text
            return answer.json()

        async def names(self, person, **query):
            answer = await self.send(person, "GET", **query)
            assert answer.status_code == 200, answer.text
            return [one["name"] for one in answer.json()["templates"]]

    return Caller()


async def test_ones_own_is_nobody_elses(desk, ada, ben, cleo):
    made = await desk.make(ada, reply())
    assert (made["scope"], made["content"]["text"]) == ("MINE", "Dear {firstName}, thank you.")
    assert made["name"] in await desk.names(ada)
    for person in (ben, cleo):
        assert made["name"] not in await desk.names(person)
        for method, path, body in (("GET", "", None), ("PUT", "", reply()), ("POST", "/archive", None)):
            answer = await desk.send(person, method, f"/{made['id']}{path}", body)
            assert answer.status_code == 404, answer.text


async def test_the_clinics_are_everybodys_and_managers_change_them(desk, ada, ben, cleo):
    assert (await desk.send(ada, "POST", "", reply(scope="CLINIC"))).status_code == 403
    made = await desk.make(cleo, reply(scope="CLINIC"))
    assert made["name"] in await desk.names(ben)
    assert (await desk.send(ben, "PUT", f"/{made['id']}", reply(scope="MINE"))).status_code == 403
    assert (await desk.send(ben, "POST", f"/{made['id']}/archive")).status_code == 403
    changed = await desk.send(cleo, "PUT", f"/{made['id']}", reply(scope="CLINIC", name=made["name"].upper()))
    assert (changed.status_code, changed.json()["name"]) == (200, made["name"].upper())
    assert (await desk.send(cleo, "POST", f"/{made['id']}/archive")).status_code == 200
    assert made["name"].upper() not in await desk.names(ben)
    assert (await desk.send(ben, "GET", f"/{made['id']}")).status_code == 404


async def test_they_are_found_by_name_text_and_medicine(desk, ada, harbor):
    word = f"Zz{uuid4().hex[:8]}"
    by_name = await desk.make(ada, reply(name=f"About {word}"))
    by_text = await desk.make(ada, reply(content={"text": f"It is {word.upper()}."}))
    by_medicine = await desk.make(ada, prescribing(medInfo=[{"medicine": f"{word} 5 mg"}]))
    of_product = await desk.make(ada, prescribing(text=word) | {"productId": harbor.product_id})
    assert sorted(await desk.names(ada, q=word)) == sorted(
        one["name"] for one in (by_name, by_text, by_medicine, of_product)
    )
    assert sorted(await desk.names(ada, q=word, kind="DECISION")) == sorted([by_medicine["name"], of_product["name"]])
    assert of_product["name"] not in await desk.names(ada, q=word, productId=str(uuid4()))
    assert await desk.names(ada, q="%") == []
    for query in ({"kinds": "REPLY"}, {"kind": "LETTER"}, {"productId": "x"}, {"q": ""}, {"q": "x" * 101}):
        assert (await desk.send(ada, "GET", **query)).status_code == 400, query


async def test_its_variables_are_filled_in_from_the_case(client, desk, ada, ben, harbor, look_reads):
    made = await desk.make(
        ada, prescribing(text="{firstName} {lastName}: {product}, {clinician}, {clinic}, {today}, {firstName}")
    )
    body = case_body(harbor.product_id)
    body["user"] |= {"firstName": "{lastName}", "lastName": "Tennant"}
    answer = await client.post("/api/v1/cases", headers=harbor.key, json=body)
    case_id = answer.json()["data"]["caseId"]
    filled = (await desk.send(ada, "GET", f"/{made['id']}/filled", caseId=case_id)).json()
    text = filled["content"]["text"]
    assert text.startswith("{lastName} Tennant: ")
    assert text.endswith("{lastName}")
    assert ", Dr. Ada Berg, " in text
    assert "{today}" not in text
    assert filled["content"]["medInfo"][0]["pharmacyInstructions"] == "For {lastName} Tennant"
    assert filled["content"]["validDays"] == 90
    assert await look_reads(case_id, ada.id) == 1
    assert (await desk.send(ben, "GET", f"/{made['id']}/filled", caseId=case_id)).status_code == 404
    assert (await desk.send(ada, "GET", f"/{made['id']}/filled", caseId=str(uuid4()))).status_code == 404
    assert (await desk.send(ada, "GET", f"/{made['id']}/filled")).status_code == 400


@pytest.fixture
def look_reads(owner_url):
    async def count(case_id, staff_id):
        query = (
            "SELECT count(*) FROM phi_reads WHERE record_id = %s AND actor_id = %s AND reason = 'template filled in'"
        )
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return (await (await conn.execute(query, (case_id, staff_id))).fetchone())[0]

    return count


@pytest.mark.parametrize(("body", "field"), [
    (reply(content={}), "content.text"),
    (reply(content={"text": "Hello {nobody}"}), "content.text"),
    (reply(content={"text": "Hello", "validDays": 3}), "content.validDays"),
    (reply(content={"text": "Hello", "medInfo": [{"medicine": "Zephyrol"}]}), "content.medInfo"),
    (prescribing(text=None, outcome=None, validDays=None, medInfo=[]), "content"),
    (prescribing(outcome="REJECTED"), "content.medInfo"),
    (prescribing(medInfo=[{"medicine": " "}]), "content.medInfo[0].medicine"),
    (prescribing(medInfo=[{"medicine": "Zephyrol", "refillCount": 100}]), "content.medInfo[0].refillCount"),
    (prescribing(medInfo=[{"medicine": "Z", "pharmacyInstructions": "{dose}"}]), "content.medInfo[0].pharmacyInstructions"),
    (reply(productId=str(uuid4())), "productId"),
])  # fmt: skip
async def test_a_broken_rule_is_named(desk, ada, body, field):
    answer = await desk.send(ada, "POST", "", body)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert body["name"] not in await desk.names(ada)


@pytest.mark.parametrize(("body", "field"), [
    (reply(kind="LETTER"), "kind"), (reply(name=" "), "name"), (reply(name="x" * 101), "name"),
    (reply(scope="ALL"), "scope"), (reply(content={"text": " "}), "content.text"),
    (prescribing(validDays=0), "content.validDays"), (reply(owner="me"), "owner"),
])  # fmt: skip
async def test_a_body_that_cannot_be_read_is_named(desk, ada, body, field):
    answer = await desk.send(ada, "POST", "", body)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, [field])


async def test_a_name_is_there_once(desk, ada, ben, cleo):
    body = reply()
    made = await desk.make(ada, body)
    again = await desk.send(ada, "POST", "", body | {"name": body["name"].upper()})
    assert (again.status_code, again.json()["type"]) == (409, "urn:carelane:name-taken")
    await desk.make(ben, body)
    await desk.make(cleo, body | {"scope": "CLINIC"})
    await desk.make(ada, prescribing() | {"name": body["name"]})
    assert (await desk.send(ada, "POST", f"/{made['id']}/archive")).status_code == 200
    await desk.make(ada, body)


async def test_what_it_is_for_stays(desk, ada):
    made = await desk.make(ada, reply())
    answer = await desk.send(ada, "PUT", f"/{made['id']}", prescribing())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "kind")


async def test_strangers_and_support_stay_outside(client, desk, ada, dan, stranger, harbor, cleo):
    made = await desk.make(cleo, reply(scope="CLINIC"))
    case_id = await create_case(client, harbor)
    for method, path, body, query in (
        ("GET", f"/{made['id']}", None, {}), ("PUT", f"/{made['id']}", reply(), {}),
        ("POST", f"/{made['id']}/archive", None, {}), ("GET", f"/{made['id']}/filled", None, {"caseId": str(case_id)}),
    ):  # fmt: skip
        assert (await desk.send(stranger, method, path, body, **query)).status_code == 404
        assert (await desk.send(dan, method, path, body, **query)).status_code == 403
        assert (await client.request(method, URL + path, json=body, params=query)).status_code == 401
    assert made["name"] not in await desk.names(stranger)
    assert (await desk.send(dan, "GET")).status_code == 403
    assert (await desk.send(dan, "POST", "", reply())).status_code == 403
    wrong = {"Authorization": "Bearer cvt_wrong"}
    assert (await client.get(URL, headers=wrong)).status_code == 401
    assert (await client.get(URL)).status_code == 401
