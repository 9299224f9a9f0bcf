"""One box finds patients, cases and orders: by what people type, for those who may see it, and at once after a change."""

from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.kit.auth import system_actor
from tests.factories.orders import log_shipping, place_order
from tests.review.people import employ

URL = "/api/staff/search"
SHORT_ID = "SELECT short_id, patient_id FROM cases WHERE organization_id = %s AND id = %s"


@pytest.fixture
async def row(owner_url, here):
    async def read(statement, *values):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            found = await (await conn.execute(statement, (here.organization_id, *values))).fetchone()
        assert found is not None
        return found

    return read


# ---- doors


async def test_without_a_credential(client):
    assert (await client.get(URL, params={"q": "iris"})).status_code == 401


async def test_with_a_wrong_credential(client, here):
    answer = await client.get(URL, params={"q": "iris"}, headers={"Authorization": "Bearer cvt_unknown"})
    assert answer.status_code == 401
    assert (await client.get(URL, params={"q": "iris"}, headers=here.key)).status_code == 401


@pytest.mark.parametrize(
    "query", ["name=iris", "q=iris&q=ada", "q=iris&Kind=case", "q=iris&kind=member", "limit=0", "limit=51"]
)
async def test_what_a_query_may_not_say(client, clinician, query):
    answer = await client.get(f"{URL}?{query}", headers=clinician.headers)
    assert answer.status_code == 400, answer.text


async def test_a_text_that_is_too_long(client, clinician):
    assert (await client.get(URL, params={"q": "x" * 201}, headers=clinician.headers)).status_code == 400


async def test_the_other_clinic_finds_nothing(services, find, case_of, elsewhere, row):
    case_id = await case_of(lastName="Quillon", email="quillon@patient.example")
    short_id, patient_id = await row(SHORT_ID, case_id)
    stranger = await employ(services, elsewhere, "Eve", role="ADMIN")
    for text in ("Quillon", "quillon@patient.example", "+12125550142", short_id, str(case_id), str(patient_id)):
        found = await find(text, stranger)
        assert (found["exact"], found["patients"], found["cases"], found["orders"]) == (None, [], [], [])


async def test_support_finds_orders_only(services, find, case_of, here, row, support):
    case_id = await case_of(firstName="Orla", lastName="Quillon")
    short_id, patient_id = await row(SHORT_ID, case_id)
    order_id = await place_order(services, UUID(here.organization_id), case_id, pharmacy_order_id="RX-77001")
    for text in ("Quillon", short_id, str(case_id), str(patient_id)):
        found = await find(text, support)
        assert (found["exact"], found["patients"], found["cases"], found["orders"]) == (None, [], [], [])
    found = await find("rx77001", support)
    assert found["exact"] == {"kind": "order", "id": str(order_id), "name": str(order_id)}
    assert "Orla" not in str(found)
    assert (await find("rx77001", support, kind="patient"))["orders"] == []


# ---- what is typed


@pytest.mark.parametrize(
    "text",
    [
        "Quillon-Reyes",
        "quill",
        "REYES",
        "ana quill",
        "quillon reyes, ana",
        "Ana Reyes",
        "mária",
        "maria quil",
        "an quillon",
        "  ana   maria ",
        "ana.quillon+1@patient",
        "ANA.Quillon+1@Patient.Example",
        "(503) 555-01",
        "+1 503 555 0148",
        "5035550148",
        "15035550148",
        "503.555.0148",
    ],
)
async def test_a_patient_is_found_by(case_of, names, text):
    person = {"firstName": "Ana María", "lastName": "Quillon-Reyes", "email": "ana.quillon+1@patient.example"}
    await case_of(**person, phoneNumber="+15035550148")
    await case_of(lastName="Somebody", firstName="Else")
    assert await names(text) == ["Quillon-Reyes"]


@pytest.mark.parametrize(
    "text", ["uillon", "%", "_", "'; --", "ana zz", "0148", "reyes maria x", "\N{PILE OF POO}", "..."]
)
async def test_nobody_is_found_by(case_of, names, text):
    await case_of(firstName="Ana María", lastName="Quillon-Reyes", phoneNumber="+15035550148")
    assert await names(text) == []


async def test_apostrophes_and_other_scripts(case_of, names):
    await case_of(firstName="Siobhán", lastName="O\N{RIGHT SINGLE QUOTATION MARK}Quillon")
    await case_of(firstName="李", lastName="小龍")
    assert await names("o'quil") == await names("OQUILLON") == ["O\N{RIGHT SINGLE QUOTATION MARK}Quillon"]
    assert await names("小") == ["小龍"]


async def test_a_case_is_found_by_its_short_id(case_of, find, row):
    case_id = await case_of()
    short_id, _ = await row(SHORT_ID, case_id)
    last = short_id.rpartition("-")[2]
    for text in (short_id, short_id.lower(), short_id.replace("-", " "), last):
        found = await find(text)
        assert found["exact"] == {"kind": "case", "id": str(case_id), "name": short_id}
        assert [case["shortId"] for case in found["cases"]][:1] == [short_id]
    found = await find(last[:5])
    assert (found["exact"], [case["id"] for case in found["cases"]]) == (None, [str(case_id)])


async def test_every_id_of_ours_is_exact(services, case_of, find, here, row):
    case_id = await case_of()
    _, patient_id = await row(SHORT_ID, case_id)
    external_id = uuid4()
    order_id = await place_order(services, UUID(here.organization_id), case_id, external_id=external_id)
    for text, kind, record_id in (
        (str(case_id), "case", case_id),
        (str(patient_id).upper(), "patient", patient_id),
        (str(order_id), "order", order_id),
        (str(external_id), "order", order_id),
    ):
        exact = (await find(text))["exact"]
        assert (exact["kind"], exact["id"]) == (kind, str(record_id))
    found = await find(str(uuid4()))
    assert (found["exact"], found["patients"], found["cases"], found["orders"]) == (None, [], [], [])


async def test_an_order_is_found_by_each_tracking_number_it_had(services, case_of, find, here):
    case_id, organization_id = await case_of(), UUID(here.organization_id)
    order_id = await place_order(services, organization_id, case_id, tracking_id="1Z 999 AA1")
    await log_shipping(services, organization_id, order_id, "2026-01-01T00:00:00Z", tracking_id="9400-1000-0001")
    for text in ("1z999aa1", "1Z 999 AA1", "9400 1000 0001", "940010000001"):
        assert (await find(text))["exact"]["id"] == str(order_id)
    assert [order["id"] for order in (await find("9400"))["orders"]] == [str(order_id)]


async def test_two_with_one_number_are_no_exact_answer(services, case_of, find, here):
    case_id, organization_id = await case_of(), UUID(here.organization_id)
    for _ in range(2):
        await place_order(services, organization_id, case_id, tracking_id="SAME-1")
    found = await find("same1")
    assert (found["exact"], len(found["orders"])) == (None, 2)


async def test_the_storefronts_id_is_exact(client, here, find):
    body = {"id": "shop-20418", "firstName": "Una", "lastName": "Quillon", "externalId": "crm 77"}
    made = await client.post("/user/patient/create", json=body, headers=here.billing)
    assert made.status_code == 200, made.text
    for text in ("shop-20418", "SHOP 20418", "crm77"):
        found = await find(text)
        assert (found["exact"]["kind"], found["patients"][0]["lastName"]) == ("patient", "Quillon")


# ---- changes


async def test_after_a_rename_only_the_new_name_finds(client, case_of, names, here):
    await case_of(email="one@patient.example", firstName="Ana", lastName="Before", phoneNumber="+15035550148")
    await case_of(email="one@patient.example", firstName="Ana", lastName="Quillon", phoneNumber="+15035550149")
    assert await names("before") == await names("5035550148") == []
    assert await names("quillon") == await names("5035550149") == await names("ana") == ["Quillon"]


async def test_a_merged_record_leads_to_the_one_that_stayed(services, client, here, case_of, find, row):
    kept = (await row(SHORT_ID, await case_of(email="kept@patient.example", lastName="Kept")))[1]
    other = (await row(SHORT_ID, await case_of(email="other@patient.example", lastName="Mistyped")))[1]
    manager = await employ(services, here, "Max", role="CASEMANAGER")
    url = f"/api/staff/patients/{kept}/merge"
    merged = await client.post(url, json={"otherId": str(other)}, headers=manager.headers)
    assert merged.status_code == 200, merged.text
    for text in ("mistyped", "other@patient.example"):
        assert [patient["id"] for patient in (await find(text))["patients"]] == [str(kept)]
    # Both by one word: one line.
    assert [patient["id"] for patient in (await find("iris"))["patients"]] == [str(kept)]
    undo = await client.post(f"/api/staff/patient-merges/{merged.json()['id']}/undo", headers=manager.headers)
    assert undo.status_code == 200, undo.text
    assert [patient["id"] for patient in (await find("mistyped"))["patients"]] == [str(other)]


async def test_a_change_that_is_taken_back_leaves_no_token(services, here, names, case_of):
    await case_of(lastName="Quillon")
    with pytest.raises(ZeroDivisionError):
        await _rename_and_fail(services, here)
    assert await names("vanished") == []
    assert await names("quillon") == ["Quillon"]


async def _rename_and_fail(services, here):
    organization_id = UUID(here.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await conn.execute(
            "UPDATE patients SET last_name = 'Vanished', last_name_key = 'vanished' WHERE organization_id = %s",
            (organization_id,),
        )
        raise ZeroDivisionError


# ---- many of one name


# More than are looked at for their other words.
MANY = """
INSERT INTO patients (organization_id, id, first_name, last_name, first_name_key, last_name_key)
SELECT %s, gen_random_uuid(), p.first_name, p.last_name, p.first_name || ' a' || n, p.last_name
FROM generate_series(1, 1100) n, (VALUES ('michael', 'jones'), ('ann', 'smith')) p (first_name, last_name)
"""


@pytest.fixture
async def crowd(owner_url, here):
    """Over a thousand people called Michael and as many called Smith, but none by both names."""
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute(MANY, (here.organization_id,))


@pytest.mark.usefixtures("crowd")
async def test_of_several_words_the_rarest_finds(case_of, names):
    await case_of(firstName="Michael Q.", lastName="Xu", email="xu@patient.example")
    for text in ("michael xu", "xu michael", "mich xu", "xu mich", "Xu, M", "michael q xu", "m q xu"):
        assert await names(text) == ["Xu"], text


@pytest.mark.usefixtures("crowd")
async def test_whose_words_are_all_common_is_found_by_whichever_comes_first(case_of, names):
    await case_of(firstName="Michael Q.", lastName="Smith", email="smith@patient.example")
    for text in ("michael smith", "Smith, Michael", "mich smith", "smith mich"):
        assert await names(text) == ["Smith"], text


# ---- bounds, records, recent ones


async def test_of_each_kind_at_most_the_limit(case_of, find):
    for number in range(4):
        await case_of(lastName=f"Quillon{number}")
    found = await find("quillon", limit=3)
    assert (len(found["patients"]), found["hasMore"]) == (3, True)
    found = await find("quillon", limit=4)
    assert (len(found["patients"]), found["hasMore"]) == (4, False)


async def test_who_was_shown_is_on_record(case_of, find, row, clinician):
    case_id = await case_of(lastName="Quillon")
    _, patient_id = await row(SHORT_ID, case_id)
    await find("quillon")
    reads = "SELECT count(*) FROM phi_reads WHERE organization_id = %s AND record_id = %s AND actor_id = %s AND reason = 'search'"
    assert await row(reads, patient_id, clinician.id) == (1,)


async def test_with_nothing_asked_for_what_was_looked_at_last(
    services, client, case_of, find, here, clinician, support
):
    first, second = await case_of(lastName="First"), await case_of(lastName="Second")
    assert (await find("")) == (await find(None))
    assert (await find(""))["cases"] == []
    for case_id in (first, second):
        answer = await client.get(f"/api/staff/cases/{case_id}", headers=clinician.headers)
        assert answer.status_code == 200, answer.text
    found = await find("")
    assert (found["isRecent"], [case["lastName"] for case in found["cases"]]) == (True, ["Second", "First"])
    order_id = await place_order(services, UUID(here.organization_id), first)
    found = await find("", support)
    assert ([order["id"] for order in found["orders"]], found["cases"], found["patients"]) == ([str(order_id)], [], [])


async def test_the_text_is_never_logged(server, case_of, find):
    await find("Quillonsecret")
    log = server.data_dir.parent / f"{server.data_dir.name}.log"
    assert log.stat().st_size > 0
    assert "uillonsecret" not in log.read_text(errors="replace")


async def test_what_was_pasted_with_line_ends_or_worse_is_found_as_typed(case_of, names, find):
    await case_of(firstName="Marisol", lastName="Quillon")
    for text in ("Marisol\tQuillon\r\n", "Marisol\x00Quillon", "\x1bquillon\x7f"):
        assert await names(text) == ["Quillon"], repr(text)
    assert (await find("\x00"))["patients"] == []
