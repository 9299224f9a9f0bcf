"""GET /billing/payment-link/{patient_id}, /billing/payment-links, POST …/verify-patient, /billing/embed-payment/{patient_id}."""

import asyncio
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from tests.bills.paid import TOTAL_CENTS, bill_path, closed_for_good, owing, proved
from tests.bills.test_bill_page import PAYMENTS, is_paid_once
from tests.factories.charges import line
from tests.factories.rows import insert_row, update_row
from tests.payment_page.patient import leads_to
from tests.quote_page.cast import text_of

VERIFY = "/billing/payment-link/verify-patient"
SHOP = "https://shop.example/thanks"


async def ask(world, paying, method, path, headers=None, **options):
    own = paying.clinic.billing if headers is None else headers
    return await world.client.request(method, path, headers=own, **options)


def said(paying, **values):
    right = {"lastName": "Vale", "phoneNumber": paying.phone, "dateOfBirth": "1985-03-27"}
    return {"patientId": paying.clinic.patient_id} | right | values


@pytest.fixture
async def numbered(world, paying):
    """With the number under which messages go, too."""
    own = UUID(paying.clinic.patient_id)
    await update_row(world.services, paying.organization_id, "patients", own, phone_e164=paying.phone)
    return paying


async def test_a_link_leads_to_what_is_owed(world, paying, patient):
    charge_id = await owing(world, paying)
    answer = await ask(world, paying, "GET", f"/billing/payment-link/{paying.clinic.patient_id}")
    assert answer.status_code == 200, answer.text
    (invoice,) = answer.json()
    assert (invoice["id"], invoice["amount"], invoice["currency"]) == (str(charge_id), TOTAL_CENTS, "USD")
    assert invoice["sandbox"] is True
    assert invoice["patient"] == {"id": paying.clinic.patient_id, "firstName": "Robin", "lastName": "Vale"}
    assert [charge["totalOutstanding"] for charge in invoice["charges"]] == [TOTAL_CENTS]
    path = urlsplit(invoice["paymentLink"]).path
    assert path == bill_path(world, paying)
    assert "Confirm who you are" in text_of(await patient.open(path))


async def test_who_owes_nothing_has_no_links(world, paying):
    answer = await ask(world, paying, "GET", f"/billing/payment-link/{paying.clinic.patient_id}")
    assert answer.json() == []


@pytest.mark.parametrize("name", ["text_receipt", "save_payment_method", "is_surcharged", "return_url"])
async def test_what_is_not_offered_is_named(world, paying, name):
    value = "https://evil.example/" if name == "return_url" else "true"
    path = f"/billing/payment-link/{paying.clinic.patient_id}"
    answer = await ask(world, paying, "GET", path, params={name: value})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]


async def test_a_link_knows_where_to_lead_back_to(world, tmp_path):
    paying = await world.clinic(tmp_path, storefrontOrigins=["https://shop.example"])
    await owing(world, paying)
    path = f"/billing/payment-link/{paying.clinic.patient_id}"
    (invoice,) = (await ask(world, paying, "GET", path, params={"return_url": SHOP})).json()
    assert parse_qs(urlsplit(invoice["paymentLink"]).query) == {"return_url": [SHOP]}


async def test_a_phone_number_finds_what_everybody_with_it_owes(world, numbered):
    await owing(world, numbered)
    await owing(world, numbered, line("Plan", 2_000, bundle_id=UUID(numbered.clinic.bundle_id)))
    other = await insert_row(
        world.services, numbered.organization_id, "patients", first_name="Kit", phone_e164=numbered.phone
    )
    await owing(world, numbered, line("Plan", 500, bundle_id=UUID(numbered.clinic.bundle_id)), patient_id=other)
    found = await ask(world, numbered, "GET", "/billing/payment-links", params={"phone_number": numbered.phone})
    assert sorted((one["patient"]["firstName"], one["amount"], len(one["chargeIds"])) for one in found.json()) == [
        ("Kit", 500, 1),
        ("Robin", TOTAL_CENTS + 2_000, 2),
    ]
    nobody = await ask(world, numbered, "GET", "/billing/payment-links", params={"phone_number": "+12125559876"})
    assert nobody.json() == []
    for params in ({}, {"phone_number": "x"}):
        answer = await ask(world, numbered, "GET", "/billing/payment-links", params=params)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["query", "phone_number"]


async def test_a_patient_who_says_the_right_things_sees_what_is_owed(world, numbered):
    charge_id = await owing(world, numbered)
    for body in (said(numbered), said(numbered, lastName="  vale ", phoneNumber=numbered.phone.removeprefix("+1"))):
        answer = await ask(world, numbered, "POST", VERIFY, json=body)
        assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert [charge["id"] for charge in shown["charges"]] == [str(charge_id)]
    assert shown["patient"]["id"] == numbered.clinic.patient_id
    assert urlsplit(shown["paymentLink"]).path == bill_path(world, numbered)


async def test_wrong_unknown_and_locked_are_one_answer(world, numbered):
    await owing(world, numbered)
    wrong = [
        {"lastName": "Other"},
        {"phoneNumber": "+12125550000"},
        {"dateOfBirth": "1985-03-28"},
        {"patientId": str(uuid4())},
        {"lastName": "Vale", "dateOfBirth": "1985-03-28"},
        {"phoneNumber": "1"},
    ]
    answers = [await ask(world, numbered, "POST", VERIFY, json=said(numbered, **values)) for values in wrong]
    # Five of them were counted: now the right ones are refused as well, with the same words.
    answers.append(await ask(world, numbered, "POST", VERIFY, json=said(numbered)))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    locks = await world.events(numbered, UUID(numbered.clinic.patient_id), "BILL_PAGE_LOCKED")
    assert len(locks) == 1


async def test_guesses_at_once_are_counted_one_by_one(world, numbered):
    await owing(world, numbered)
    guesses = [said(numbered, dateOfBirth="1985-03-28")] * 20
    await asyncio.gather(*(ask(world, numbered, "POST", VERIFY, json=body) for body in guesses))
    counted = "SELECT wrong_verifications FROM bill_pages WHERE organization_id = %s"
    assert await world.rows(numbered, counted) == [(5,)]


@pytest.mark.parametrize("name", ["patientId", "lastName", "phoneNumber", "dateOfBirth"])
async def test_each_member_is_asked_for(world, paying, name):
    body = {key: value for key, value in said(paying).items() if key != name}
    for sent in (body, body | {name: 7}):
        answer = await ask(world, paying, "POST", VERIFY, json=sent)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", name]
    answer = await ask(world, paying, "POST", VERIFY, json=said(paying, dateOfBirth="03/27/1985"))
    assert answer.json()["detail"][0]["loc"] == ["body", "dateOfBirth"]


async def embed(world, paying, headers=None, **params):
    path = f"/billing/embed-payment/{paying.clinic.patient_id}"
    return await ask(world, paying, "POST", path, headers, params=params)


async def test_a_payment_is_embedded_and_paid_on_its_page(world, paying, patient):
    charge_id = await owing(world, paying)
    answer = await embed(world, paying, amount_cents=TOTAL_CENTS)
    assert answer.status_code == 200, answer.text
    config = answer.json()
    assert (config["sandbox"], config["fee"], config["charge"]["id"]) == (True, 0, str(charge_id))
    assert urlsplit(config["paymentLink"]).path == bill_path(world, paying)
    path = await proved(world, paying, patient)
    await patient.open(await patient.pays_at(leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))))
    await is_paid_once(world, paying, charge_id)
    ((payment_id,),) = await world.rows(paying, "SELECT id FROM payments WHERE organization_id = %s")
    assert config["payinConfigId"] == str(payment_id)


async def test_sixty_four_at_once_are_one_payment(world, paying):
    charge_id = await owing(world, paying)
    answers = await asyncio.gather(*(embed(world, paying, charge_id=str(charge_id)) for _ in range(64)))
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    assert len({answer.json()["payinConfigId"] for answer in answers}) == 1
    assert len(await world.rows(paying, PAYMENTS, charge_id)) == 1


async def test_a_repeat_is_answered_the_same(world, paying):
    await owing(world, paying)
    headers = paying.clinic.billing | {"Idempotency-Key": uuid4().hex}
    answers = [await embed(world, paying, headers, amount_cents=TOTAL_CENTS) for _ in range(2)]
    assert answers[0].content == answers[1].content


async def test_an_amount_that_is_open_elsewhere_is_ended_first(world, paying, patient):
    charge_id = await owing(world, paying)
    path = await proved(world, paying, patient)
    checkout = leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))
    await update_row(world.services, paying.organization_id, "charges", charge_id, outstanding_cents=10_000)
    assert (await embed(world, paying, charge_id=str(charge_id))).status_code == 200
    assert (await patient.open(checkout)).status_code == 410
    rows = await world.rows(paying, PAYMENTS, charge_id)
    assert [row[:3] for row in rows] == [("DONE", "CANCELED", TOTAL_CENTS), ("WAITING", "UNPAID", 10_000)]


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({}, "amount_cents"),
        ({"amount_cents": "1"}, "amount_cents"),
        ({"amount_cents": "0"}, "amount_cents"),
        ({"charge_id": "none"}, "charge_id"),
        ({"amount_cents": "15900", "is_surcharged": "maybe"}, "is_surcharged"),
        ({"amount_cents": "15900", "return_url": "https://evil.example"}, "return_url"),
    ],
)
async def test_a_wrong_parameter_is_named(world, paying, params, name):
    await owing(world, paying)
    answer = await embed(world, paying, **params)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"] == ["query", name]


async def test_without_a_gateway_nothing_is_promised(world, paying):
    charge_id = await owing(world, paying)
    await update_row(world.services, paying.organization_id, "gateway_accounts", paying.account_id, is_active=False)
    assert (await embed(world, paying, charge_id=str(charge_id))).status_code == 409
    assert await world.rows(paying, PAYMENTS, charge_id) == []


async def test_strangers_find_nothing(world, numbered, tmp_path):
    await owing(world, numbered)
    other = await world.clinic(tmp_path)
    limited = numbered.clinic.billing | {"API-KEY": numbered.clinic.catalog_only_key}
    own = numbered.clinic.patient_id
    steps = [
        ("GET", f"/billing/payment-link/{own}", {}, 404),
        ("GET", "/billing/payment-links", {"params": {"phone_number": numbered.phone}}, 200),
        ("POST", VERIFY, {"json": said(numbered)}, 404),
        ("POST", f"/billing/embed-payment/{own}", {"params": {"amount_cents": TOTAL_CENTS}}, 404),
    ]
    for method, path, options, status in steps:
        assert (await ask(world, numbered, method, path, {}, **options)).status_code == 401
        assert (await ask(world, numbered, method, path, limited, **options)).status_code == 403
        theirs = await ask(world, numbered, method, path, other.clinic.billing, **options)
        assert theirs.status_code == status
        assert status != 200 or theirs.json() == []
    assert await world.rows(numbered, "SELECT count(*) FROM bill_pages WHERE organization_id = %s") == [(0,)]


async def test_embedding_opens_a_page_that_was_closed_for_good(world, paying, patient):
    charge_id = await owing(world, paying)
    await closed_for_good(world, paying)
    assert (await patient.open(bill_path(world, paying))).status_code == 403
    path = f"/billing/embed-payment/{paying.clinic.patient_id}"
    answer = await ask(world, paying, "POST", path, params={"charge_id": str(charge_id)})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    link = urlsplit(shown["paymentLink"]).path
    assert link == bill_path(world, paying, version=2)
    assert shown["sessionKey"] in link
    assert "Confirm who you are" in text_of(await patient.open(link))


async def test_the_hundred_and_first_charge_is_embedded_and_counted(world, paying, patient):
    for number in range(101):
        last = await owing(world, paying, line("Plan", 100 + number, bundle_id=UUID(paying.clinic.bundle_id)))
    answer = await embed(world, paying, charge_id=str(last))
    assert answer.status_code == 200, answer.text
    assert answer.json()["charge"]["id"] == str(last)
    answer = await embed(world, paying, amount_cents=200)
    assert answer.json()["charge"]["id"] == str(last)
    both = await embed(world, paying, amount_cents=199, charge_id=str(last))
    assert both.json()["detail"][0]["loc"] == ["query", "amount_cents"]
    text = text_of(await patient.open(await proved(world, paying, patient)))
    assert "You owe Harbor & Sons $151.50" in text
    assert "oldest 100 purchases" in text
