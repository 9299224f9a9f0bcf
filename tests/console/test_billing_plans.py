"""Payment plans by page: what would be taken is shown to the cent, agreed on as shown, and ended by typing what is outstanding."""

import html as text_of
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.factories.charges import line, make_charge
from tests.factories.payments import add_gateway
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic

URL, API = "/console/billing/charges", "/api/staff/billing"
START = (clock.now().date() + timedelta(days=40)).replace(day=15).isoformat()
PLANNED = (
    "SELECT e.number, e.due_on::text, e.amount_cents FROM planned_payments e JOIN payment_plan_charges k ON k.plan_id = e.plan_id"
    " WHERE k.charge_id = %s AND e.canceled_at IS NULL ORDER BY e.number"
)


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("plans"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture(scope="module")
async def account_id(services, clinic):
    return await add_gateway(services, UUID(clinic.organization_id), is_test=False)


@pytest.fixture(scope="module")
async def card(services, clinic, account_id):
    return await keep_card(services, clinic, account_id, UUID(clinic.patient_id))


async def make_patient(services, organization_id):
    return await insert_row(services, organization_id, "patients", first_name="Kit", last_name="Quill")


async def keep_card(services, clinic, account_id, patient_id):
    kept = {"gateway_account_id": account_id, "patient_id": patient_id, "customer_id": f"cus_{uuid4().hex}"}
    shown = {"method_id": f"pm_{uuid4().hex}", "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031}
    values = kept | shown | {"looked_at": clock.now()}
    return await insert_row(services, UUID(clinic.organization_id), "payment_methods", **values)


@pytest.fixture
async def owed(services, clinic):
    """$100.00 that does not divide by three."""
    return await make_charge(services, clinic, line("Visit", 10_000))


@pytest.fixture
def look(client, ines):
    async def get(path, status=200, **query):
        answer = await client.get(f"{URL}/{path}", params=query, headers={"Cookie": f"{COOKIE.name}={ines.token}"})
        assert answer.status_code == status, answer.text[:1000]
        return text_of.unescape(answer.text)

    return get


@pytest.fixture
def send(client, ines):
    async def post(path, fields):
        headers = {"Cookie": f"{COOKIE.name}={ines.token}", "Sec-Fetch-Site": "same-origin"}
        return await client.post(f"{URL}/{path}", data={"form_token": ines.form_token, **fields}, headers=headers)

    return post


@pytest.fixture
def rows(services, clinic):
    async def fetch(statement, *values):
        async with services.db.reading(UUID(clinic.organization_id)) as conn:
            return await (await conn.execute(statement, values)).fetchall()

    return fetch


def hidden(html, path):
    """What the form that goes to `path` carries, as the browser sends it."""
    form = html.partition(f'<form method="post" action="{path}"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def terms(card, **more):
    return {"installments": "3", "frequency": "MONTHLY", "startDate": START, "methodId": str(card)} | more


async def test_what_would_be_taken_is_shown_to_the_cent_and_agreed_on_as_shown(look, send, rows, owed, card):
    assert f"/{owed}/plan" in await look(f"{owed}")
    assert "Visa •••• 4242, 08/2031" in await look(f"{owed}/plan")
    html = await look(f"{owed}/plan", **terms(card, initialAmount="0.01"))
    amounts = re.findall(r'<td class="amount">(\$[\d.]+)</td>', html)
    assert amounts == ["$0.01", "$33.33", "$33.33", "$33.33"]
    assert await rows(PLANNED, owed) == []
    html = await look(f"{owed}/plan", **terms(card))
    assert re.findall(r'<td class="amount">(\$[\d.]+)</td>', html) == ["$33.33", "$33.33", "$33.34"]
    days = re.findall(r'<th scope="row"><time datetime="([\d-]+)"', html)
    done = await send(f"{owed}/plan", hidden(html, f"{URL}/{owed}/plan"))
    assert (done.status_code, done.headers["location"]) == (303, f"{URL}/{owed}?done=planned"), done.text[:1000]
    # The answer was lost, and the button is pressed once more.
    again = await send(f"{owed}/plan", hidden(html, f"{URL}/{owed}/plan"))
    assert (again.status_code, again.headers.get("location")) == (303, f"{URL}/{owed}"), again.text[:1000]
    planned = await rows(PLANNED, owed)
    assert [(day, cents) for _, day, cents in planned] == list(zip(days, [3333, 3333, 3334], strict=True))
    assert days[0] == START
    assert await rows("SELECT status FROM charges WHERE id = %s", owed) == [("PAYMENT_PLAN",)]
    assert "There is nothing to agree on" in await look(f"{owed}/plan")


async def test_a_plan_is_ended_by_typing_what_is_outstanding(look, send, rows, services, clinic, owed, card):
    html = await look(f"{owed}/plan", **terms(card, startDate=""))
    assert (await send(f"{owed}/plan", hidden(html, f"{URL}/{owed}/plan"))).status_code == 303
    shown = hidden(await look(f"{owed}"), f"{URL}/{owed}/end-plan")
    wrong = await send(f"{owed}/end-plan", shown | {"end-again": "1.00"})
    assert wrong.status_code == 422
    assert 'id="e-end-again"' in wrong.text
    assert len(await rows(PLANNED, owed)) == 3
    stale = await send(f"{owed}/end-plan", shown | {"seen": "PAYMENT_PLAN.10000.9000.USD", "end-again": "100.00"})
    assert stale.status_code == 409
    done = await send(f"{owed}/end-plan", shown | {"request_key": uuid4().hex, "end-again": "$100.00"})
    assert (done.status_code, done.headers["location"]) == (303, f"{URL}/{owed}?done=plan-ended")
    assert await rows("SELECT status, outstanding_cents FROM charges WHERE id = %s", owed) == [("OUTSTANDING", 10_000)]
    again = await send(f"{owed}/end-plan", shown | {"request_key": uuid4().hex, "end-again": "100.00"})
    assert again.status_code == 409
    none = await send(f"{await make_charge(services, clinic)}/end-plan", {"end-again": "159.00"})
    assert (none.status_code, "No payment plan runs for this charge." in none.text) == (409, True)
    assert (await send(f"{uuid4()}/end-plan", {"end-again": "159.00"})).status_code == 404


async def test_a_charge_that_changed_meanwhile_is_not_agreed_on(look, send, rows, client, clinic, owed, card):
    html = await look(f"{owed}/plan", **terms(card))
    less = {"chargeId": str(owed), "amount": -900, "reason": "The wait was long"}
    assert (await client.post("/billing/adjustment/create", json=less, headers=clinic.billing)).status_code == 200
    late = await send(f"{owed}/plan", hidden(html, f"{URL}/{owed}/plan"))
    assert late.status_code == 409
    assert "Outstanding was $100.00, and is $91.00" in late.text
    assert f'value="{START}"' in late.text
    assert await rows(PLANNED, owed) == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("installments", "0"), ("installments", "121"), ("installments", "three"), ("installments", "²"), ("frequency", "DAILY"),
        ("startDate", "2020-01-01"), ("startDate", "2999-01-01"), ("startDate", "soon"), ("initialAmount", "100"),
        ("initialAmount", "much"), ("methodId", "none"), ("methodId", "01900000-0000-7000-8000-000000000001"),
    ],
)  # fmt: skip
async def test_terms_that_do_not_fit_are_named_and_kept(look, send, rows, owed, card, name, typed):
    html = await look(f"{owed}/plan", 422, **terms(card, **{name: typed}))
    assert f'id="e-{name}"' in html
    assert "What will be taken" not in html
    seen = {"seen": "OUTSTANDING.10000.10000.USD"}
    assert (await send(f"{owed}/plan", terms(card, **{name: typed}) | seen)).status_code == 422
    assert await rows(PLANNED, owed) == []


async def test_only_the_patients_own_card(look, send, services, clinic, account_id, owed, card):
    organization_id = UUID(clinic.organization_id)
    other = await make_patient(services, organization_id)
    theirs = await keep_card(services, clinic, account_id, other)
    assert str(theirs) not in await look(f"{owed}/plan")
    refused = await send(f"{owed}/plan", terms(theirs) | {"seen": "OUTSTANDING.10000.10000.USD"})
    assert refused.status_code == 422
    bare = await make_patient(services, organization_id)
    none = await make_charge(services, clinic, line("Visit", 500), patient_id=bare)
    assert "No card is kept for this patient" in await look(f"{none}/plan")


async def test_the_api_says_and_does_the_same(services, client, clinic, tmp_path, owed, card):
    people = {role: await sign_in(services, clinic, role) for role in ("CASEWORKER", "SUPPORT")}
    other = await sign_in(services, await make_clinic(services, tmp_path), "ADMIN")
    bearer = {name: {"Authorization": f"Bearer {one.token}"} for name, one in (people | {"other": other}).items()}
    path, asked = f"{API}/charges/{owed}/payment-plan", {"installments": 3, "frequency": "WEEKLY"}
    for headers, status in ((None, 401), (bearer["SUPPORT"], 403), (bearer["other"], 404), (bearer["CASEWORKER"], 200)):
        answer = await client.get(path, params=asked, headers=headers)
        assert answer.status_code == status, answer.text
    shown, own = answer.json(), {"headers": bearer["CASEWORKER"]}
    assert [one["amount"] for one in shown["planned"]] == [3333, 3333, 3334]
    for wrong in ({"installments": 0}, {"frequency": "DAILY"}, {"startDate": "2020-01-01"}, {"initialAmount": 10_000}):
        assert (await client.get(path, params=asked | wrong, **own)).status_code == 400
    plan = {
        name: shown[name] for name in ("initialAmount", "frequency", "installments", "installmentAmount", "startDate")
    }
    body = {"charges": [], "paymentPlan": plan | {"chargeIds": [str(owed)]}, "rainforestPaymentMethodId": str(card)}
    create = f"{API}/payment-plan/create-with-charges"
    assert (await client.post(create, json=body, headers=bearer["SUPPORT"])).status_code == 403
    assert (await client.post(create, json=body, **own)).status_code == 200
    assert (await client.get(path, params=asked, **own)).status_code == 409
    end = f"{API}/payment-plan/{owed}"
    assert (await client.delete(end, headers=bearer["other"])).status_code == 404
    assert (await client.delete(end, **own)).status_code == 200
    cards = await client.get(f"{API}/payment/methods", params={"patient_id": clinic.patient_id}, **own)
    assert [one["last4"] for one in cards.json()] == ["4242"]


async def test_one_plan_for_several_charges_is_shown_and_agreed_on(
    look, send, rows, services, clinic, account_id, client, ines
):
    organization_id = UUID(clinic.organization_id)
    patient = await make_patient(services, organization_id)
    card = await keep_card(services, clinic, account_id, patient)
    first, second = [await make_charge(services, clinic, line("Visit", 10_000), patient_id=patient) for _ in range(2)]
    place = await insert_row(services, organization_id, "locations", name="Pier", timezone="America/Chicago")
    far = await make_charge(services, clinic, line("Lab", 500), patient_id=patient, location_id=place)
    account = f"../patients/{patient}"
    shown = await look(account)
    assert all(f'name="charge" value="{one}"' in shown for one in (first, second, far))
    assert "Choose the charges that one plan is to pay." in await look(f"{account}/plan")
    on = await client.get(
        f"/console/billing/patients/{patient}/plan",
        params={"charge": [str(first), str(second)]},
        headers={"Cookie": f"{COOKIE.name}={ines.token}"},
    )
    assert (on.status_code, on.headers["location"]) == (303, f"{URL}/{first}/plan?also={second}")
    assert f'value="{far}"' not in await look(f"{first}/plan")
    assert 'id="e-also"' in await look(f"{first}/plan", 422, **terms(card, also=str(far)))
    html = await look(f"{first}/plan", **terms(card, also=str(second)))
    assert re.findall(r'<td class="amount">(\$[\d.]+)</td>', html) == ["$66.66", "$66.66", "$66.68"]
    assert "Agree on the plan of $200.00" in html
    asked = hidden(html, f"{URL}/{first}/plan")
    stale = await send(f"{first}/plan", asked | {f"seen-{second}": "OUTSTANDING.9000.9000.USD"})
    assert (stale.status_code, "is $100.00" in stale.text) == (409, True)
    done = await send(f"{first}/plan", asked | {"request_key": uuid4().hex})
    assert done.status_code == 303, done.text[:1000]
    assert [cents for _, _, cents in await rows(PLANNED, second)] == [6666, 6666, 6668]
    owed = await rows("SELECT status FROM charges WHERE patient_id = %s ORDER BY total_cents DESC", patient)
    assert owed == [("PAYMENT_PLAN",), ("PAYMENT_PLAN",), ("OUTSTANDING",)]
