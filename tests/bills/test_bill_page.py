"""/bill/{token}: what a patient owes, who sees it, and that it is paid once."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.bills.proof.access import PATH, bill_link, token_of
from carelane.kit import clock
from tests.bills.paid import TOTAL_CENTS, bill_path, owing, paid, proved
from tests.factories.charges import line
from tests.factories.rows import update_row
from tests.payment_page.patient import leads_to
from tests.quote_page.cast import RIGHT, WRONG, text_of
from tests.quote_sending.world import until

PAYMENTS = "SELECT stage, status, amount_cents, captured_cents, policy FROM payments WHERE organization_id = %s AND charge_id = %s ORDER BY created_at, id"
CHARGE = "SELECT status, outstanding_cents FROM charges WHERE organization_id = %s AND id = %s"


async def is_paid_once(world, paying, charge_id, cents=TOTAL_CENTS):
    async def is_paid():
        return [row for row in await world.rows(paying, CHARGE, charge_id) if row == ("PAID", 0)]

    await until(is_paid)
    assert await world.rows(paying, PAYMENTS, charge_id) == [("DONE", "PAID", cents, cents, "on_page")]
    assert world.taken_cents(paying) == cents


async def test_a_patient_sees_what_is_owed_and_pays_it(world, paying, patient):
    charge_id = await owing(world, paying)
    path = bill_path(world, paying)
    asked = await patient.open(path)
    assert "Confirm who you are" in text_of(asked)
    for secret in ("159", "Tablets", "Vale"):
        assert secret not in asked.text
    assert (await patient.press(f"{path}/pay", charge=str(charge_id))).headers["Location"] == path
    await proved(world, paying, patient)
    shown = await patient.open(path)
    assert f"form-action 'self' {world.gateway.url};" in shown.headers["content-security-policy"]
    assert "script-src" not in shown.headers["content-security-policy"]
    for expected in ("You owe Harbor & Sons $159.00", "Tablets", "Pay $159.00", "This is a test"):
        assert expected in text_of(shown), expected
    checkout = leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))
    assert checkout.startswith(world.gateway.url)
    back = await patient.pays_at(checkout)
    assert leads_to(await patient.open(back)) == path
    after = text_of(await patient.open(path))
    assert "Paid $159.00" in after
    assert "You owe nothing" in after
    await is_paid_once(world, paying, charge_id)
    reads = "SELECT DISTINCT record_kind, actor_id::text FROM phi_reads WHERE organization_id = %s AND reason = 'the patient''s bill'"
    assert await world.rows(paying, reads) == [("patient", paying.clinic.patient_id)]


async def test_each_charge_is_paid_by_itself(world, paying, patient):
    first = await owing(world, paying)
    second = await owing(world, paying, line("Plan", 2_000, bundle_id=UUID(paying.clinic.bundle_id)))
    await paid(world, paying, patient, second)
    path = await proved(world, paying, patient)
    text = text_of(await patient.open(path))
    assert "Pay $159.00" in text
    assert "Pay $20.00" not in text
    assert [row[1] for row in await world.rows(paying, CHARGE, first)] == [TOTAL_CENTS]
    # Paid already: there is nothing to lead to.
    assert leads_to(await patient.press(f"{path}/pay", charge=str(second))) == path


async def test_sixty_four_submissions_make_one_checkout_and_one_charge(world, paying, patient):
    charge_id = await owing(world, paying)
    path = await proved(world, paying, patient)
    answers = await asyncio.gather(*(patient.press(f"{path}/pay", charge=str(charge_id)) for _ in range(64)))
    leading = [answer for answer in answers if answer.status_code == 303]
    assert len({leads_to(answer) for answer in leading}) == 1
    assert {answer.status_code for answer in answers} <= {303, 503}
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1
    await patient.open(await patient.pays_at(leads_to(leading[0])))
    await is_paid_once(world, paying, charge_id)


async def test_another_amount_ends_the_page_with_the_old_one(world, paying, patient):
    charge_id = await owing(world, paying)
    path = await proved(world, paying, patient)
    first = leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))
    await update_row(world.services, paying.organization_id, "charges", charge_id, outstanding_cents=10_000)
    second = leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))
    assert second != first
    assert (await patient.open(first)).status_code == 410
    await patient.open(await patient.pays_at(second))
    assert world.taken_cents(paying) == 10_000


@pytest.mark.parametrize("fault", ["lost_answer", "rate_limited"])
async def test_whatever_becomes_of_the_gateways_answer_it_is_paid_once(world, paying, patient, fault):
    charge_id = await owing(world, paying)
    path = await proved(world, paying, patient)
    world.gateway.fail_next("checkout.sessions.create", fault, key=paying.key)
    answer = await patient.press(f"{path}/pay", charge=str(charge_id))
    while answer.status_code == 503:
        assert "Nothing was charged" in text_of(answer)
        answer = await patient.press(f"{path}/pay", charge=str(charge_id))
    await patient.open(await patient.pays_at(leads_to(answer)))
    await is_paid_once(world, paying, charge_id)


async def test_it_leads_back_to_the_callers_page_and_to_no_other(world, patient, tmp_path):
    paying = await world.clinic(tmp_path, storefrontOrigins=["https://shop.example"])
    for url, leads in (
        ("https://shop.example/thanks?order=7", True),
        ("https://evil.example/thanks", False),
        ("https://shop.example.evil.example/", False),
        ("https://shop.example@evil.example/", False),
        ("javascript:alert(1)", False),
    ):
        charge_id = await owing(world, paying)
        path = await proved(world, paying, patient)
        assert (await patient.client.get(path, params={"return_url": url})).status_code == 200
        checkout = leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))
        back = await patient.open(await patient.pays_at(checkout))
        assert leads_to(back) == (url if leads else path), url
        patient.client.cookies.clear()


async def test_guesses_are_counted_and_the_page_is_locked(world, paying, patient):
    await owing(world, paying)
    path = bill_path(world, paying)
    answers = await asyncio.gather(*(patient.press(f"{path}/verify", **WRONG) for _ in range(20)))
    statuses = [answer.status_code for answer in answers]
    # Whoever comes when it is locked already is led to the page that says so.
    assert (statuses.count(422), statuses.count(429) + statuses.count(303)) == (4, 16)
    assert (await patient.press(f"{path}/verify", **RIGHT)).status_code in {303, 429}
    locked = await patient.open(path)
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 800
    assert "Tablets" not in locked.text


async def test_forged_foreign_and_replaced_links_show_nothing(world, paying, patient, tmp_path):
    charge_id = await owing(world, paying)
    forged = f"{PATH}/{token_of(b'f' * 32, bill_link(paying.organization_id, UUID(paying.clinic.patient_id), 1, clock.now()))}"
    other = f"{PATH}/{token_of(world.services.bill_link_key, bill_link((await world.clinic(tmp_path)).organization_id, UUID(paying.clinic.patient_id), 1, clock.now()))}"
    for path in (forged, other):
        assert (await patient.open(path)).status_code == 404
        assert (await patient.press(f"{path}/pay", charge=str(charge_id))).status_code == 404
        assert (await patient.open(f"{path}/back")).status_code == 404
    replaced = await patient.open(bill_path(world, paying, version=2))
    assert replaced.status_code == 410
    path = await proved(world, paying, patient)
    for charge in ("", "one"):
        assert (await patient.press(f"{path}/pay", charge=charge)).status_code == 400
    assert leads_to(await patient.press(f"{path}/pay", charge=str(uuid4()))) == path
    headers = {"Sec-Fetch-Site": "cross-site"}
    foreign = await patient.client.post(f"{path}/pay", data={"charge": str(charge_id)}, headers=headers)
    assert foreign.status_code == 403
    assert await world.rows(paying, PAYMENTS, charge_id) == []


async def test_who_proved_to_be_one_patient_sees_no_other(world, paying, patient, tmp_path):
    other = await world.clinic(tmp_path)
    await owing(world, other)
    charge_id = await owing(world, paying)
    await proved(world, paying, patient)
    theirs = bill_path(world, other)
    assert "Confirm who you are" in text_of(await patient.open(theirs))
    # The cookie of one and the charge of another.
    await proved(world, other, patient)
    assert leads_to(await patient.press(f"{theirs}/pay", charge=str(charge_id))) == theirs


async def test_who_cannot_be_asked_is_told_to_call(world, paying, patient):
    await owing(world, paying)
    nothing = {"date_of_birth": None, "phone_number": None, "phone_e164": None}
    await update_row(world.services, paying.organization_id, "patients", UUID(paying.clinic.patient_id), **nothing)
    shown = await patient.open(bill_path(world, paying))
    assert "Please call the clinic" in text_of(shown)
    assert "Tablets" not in shown.text


async def test_without_a_gateway_it_is_shown_and_not_paid(world, paying, patient):
    charge_id = await owing(world, paying)
    await update_row(world.services, paying.organization_id, "gateway_accounts", paying.account_id, is_active=False)
    path = await proved(world, paying, patient)
    assert "cannot be paid online" in text_of(await patient.open(path))
    assert leads_to(await patient.press(f"{path}/pay", charge=str(charge_id))) == path
    assert await world.rows(paying, PAYMENTS, charge_id) == []


async def test_a_link_ends_after_a_year(world, paying, patient):
    charge_id = await owing(world, paying)
    long_ago = bill_path(world, paying, made_at=clock.now() - timedelta(days=368))
    ended = await patient.open(long_ago)
    assert ended.status_code == 410
    assert "This link has ended" in text_of(ended)
    assert (await patient.press(f"{long_ago}/verify", **RIGHT)).headers["Location"] == long_ago
    assert "carelane_bill" not in patient.client.cookies
    last = bill_path(world, paying, made_at=clock.now() - timedelta(days=365))
    assert "Confirm who you are" in text_of(await patient.open(last))
    # Who has shown it on another of the patient's links sees nothing through this one either.
    await proved(world, paying, patient)
    assert (await patient.open(long_ago)).status_code == 410
    assert (await patient.press(f"{long_ago}/pay", charge=str(charge_id))).headers["Location"] == long_ago
    assert await world.rows(paying, PAYMENTS, charge_id) == []
