"""A quote is accepted and paid at once, on its own page and the gateway's."""

import asyncio
import json
from datetime import timedelta

import pytest

from carelane.kit import clock
from carelane.payments.reconciling.jobs import wake_open
from carelane.quotes.page.access import PATH, QuoteLink, token_of
from tests.factories.quotes import LineMade, make_quote
from tests.factories.rows import update_row
from tests.payment_page.patient import leads_to
from tests.payment_page.world import DECLINED_NUMBER
from tests.quote_page.cast import text_of
from tests.quote_sending.world import until

TOTAL_CENTS = 41_799
QUOTE = "SELECT status, charge_id FROM quotes WHERE organization_id = %s AND id = %s"
CHARGES = "SELECT id, status, total_cents, outstanding_cents, is_test FROM charges WHERE organization_id = %s"
PAYMENTS = "SELECT stage, status, amount_cents, captured_cents, method, policy, is_test FROM payments WHERE organization_id = %s ORDER BY id"
RECEIVABLE = """
SELECT coalesce(sum(CASE WHEN p.debit_id = a.id THEN p.amount_cents ELSE -p.amount_cents END), 0)::bigint FROM ledger_accounts a
JOIN ledger_postings p ON p.organization_id = a.organization_id AND a.id IN (p.debit_id, p.credit_id)
WHERE a.organization_id = %s AND a.code = 'receivable'
"""
ACCEPT = {"revision": "1"}
# What a gateway keeps.
KINDS = ("checkout.session", "payment_intent", "charge", "customer", "balance_transaction", "event")


@pytest.fixture
async def quote_id(world, paying):
    return await make_quote(world.services, paying.clinic, requires_verification=False)


@pytest.fixture
def path(world, paying, quote_id):
    return f"{PATH}/{token_of(world.services.quote_link_key, QuoteLink(paying.organization_id, quote_id))}"


async def is_paid_once(world, paying, quote_id):
    async def is_paid():
        return [row for row in await world.rows(paying, CHARGES) if row[3] == 0]

    ((charge_id, status, total_cents, outstanding_cents, is_test),) = await until(is_paid)
    assert (status, total_cents, outstanding_cents, is_test) == ("PAID", TOTAL_CENTS, 0, True)
    assert await world.rows(paying, QUOTE, quote_id) == [("CONVERTED", charge_id)]
    assert await world.rows(paying, PAYMENTS) == [
        ("DONE", "PAID", TOTAL_CENTS, TOTAL_CENTS, "GATEWAY", "on_page", True)
    ]
    assert world.taken_cents(paying) == TOTAL_CENTS
    assert await world.rows(paying, RECEIVABLE) == [(0,)]
    assert len(await world.events(paying, charge_id, "CHARGE_CREATED")) == 1


async def test_a_patient_accepts_and_pays(world, paying, patient, quote_id, path):
    shown = await patient.open(path)
    assert f"form-action 'self' {world.gateway.url};" in shown.headers["content-security-policy"]
    assert "Accept and pay $417.99" in text_of(shown)
    checkout = leads_to(await patient.press(f"{path}/pay", message="Thank you", **ACCEPT))
    assert checkout.startswith(world.gateway.url)
    assert (await patient.at_checkout(checkout, DECLINED_NUMBER)).status_code == 402
    assert "It is not paid yet" in text_of(await patient.open(path))
    back = await patient.pays_at(checkout)
    text = text_of(await patient.open(leads_to(await patient.open(back))))
    for expected in ("Paid $417.99", "Thank you", "Total (USD) $417.99"):
        assert expected in text, expected
    assert "<form" not in text
    await is_paid_once(world, paying, quote_id)
    reads = await world.rows(
        paying,
        "SELECT DISTINCT record_kind, actor_id::text FROM phi_reads WHERE organization_id = %s AND record_id = %s",
        quote_id,
    )
    assert reads == [("quote", paying.clinic.patient_id)]


async def test_the_gateway_is_told_nothing_of_what_is_sold(world, paying, patient):
    lines = (LineMade(quantity="2", description="Weekly injection"), LineMade(unit_price_cents=9_999, is_bundle=True))
    quote_id = await make_quote(world.services, paying.clinic, requires_verification=False, lines=lines)
    path = f"{PATH}/{token_of(world.services.quote_link_key, QuoteLink(paying.organization_id, quote_id))}"
    sold, ours = {"Tablets", "Plan", "Weekly injection"}, await patient.open(path)
    assert {name for name in sold if name in text_of(ours)} == sold
    checkout = leads_to(await patient.press(f"{path}/pay", message="For my weight", **ACCEPT))
    pages = [(await patient.open(checkout)).text, (await patient.at_checkout(checkout, DECLINED_NUMBER)).text]
    assert "Payment to Harbor &amp; Sons" in pages[0]
    await patient.open(await patient.pays_at(checkout))
    await is_paid_once(world, paying, quote_id)
    kept = {kind: world.gateway.objects(kind, paying.key) for kind in KINDS}
    assert kept["checkout.session"]
    assert kept["charge"]
    for name in (*sold, "For my weight"):
        for told in (*pages, json.dumps(kept)):
            assert name not in told, name


@pytest.mark.parametrize("way", ["back only", "webhook only"])
async def test_whoever_brings_the_news_the_end_is_the_same(world, paying, patient, quote_id, path, way):
    if way == "back only":
        world.silence(paying)
    back = await patient.pays_at(leads_to(await patient.press(f"{path}/pay", **ACCEPT)))
    if way == "back only":
        await patient.open(back)
    await is_paid_once(world, paying, quote_id)
    assert "Paid $417.99" in text_of(await patient.open(path))


async def test_whoever_leaves_the_gateways_page_has_accepted_and_pays_later(world, paying, patient, quote_id, path):
    first = leads_to(await patient.press(f"{path}/pay", **ACCEPT))
    shown = await patient.open(path)
    assert "You accepted this quote" in text_of(shown)
    assert "Pay $417.99" in text_of(shown)
    assert "Decline" not in text_of(shown)
    assert leads_to(await patient.press(f"{path}/pay")) == first
    await patient.open(await patient.pays_at(first))
    await is_paid_once(world, paying, quote_id)


async def test_an_accepted_quote_is_paid_later(world, paying, patient, quote_id, path):
    accepted = await patient.press(f"{path}/respond", answer="accept", **ACCEPT)
    assert accepted.status_code == 303
    assert "Pay $417.99" in text_of(await patient.open(path))
    await patient.open(await patient.pays_at(leads_to(await patient.press(f"{path}/pay"))))
    await is_paid_once(world, paying, quote_id)


async def test_taps_and_tabs_lead_to_one_page_and_one_charge(world, paying, patient, quote_id, path):
    answers = await asyncio.gather(*(patient.press(f"{path}/pay", **ACCEPT) for _ in range(8)))
    assert len({leads_to(answer) for answer in answers}) == 1
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1
    assert len(await world.rows(paying, CHARGES)) == 1
    await patient.open(await patient.pays_at(leads_to(answers[0])))
    await is_paid_once(world, paying, quote_id)


async def test_coming_back_and_paying_again_at_once_takes_nothing_twice(world, paying, patient, quote_id, path):
    checkout = leads_to(await patient.press(f"{path}/pay", **ACCEPT))
    back = await patient.pays_at(checkout)
    answers = await asyncio.gather(
        *(patient.open(back) for _ in range(4)), *(patient.press(f"{path}/pay") for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {303}
    for answer in answers:
        assert not leads_to(answer).startswith(world.gateway.url)
    await is_paid_once(world, paying, quote_id)
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1


async def test_staff_and_patient_convert_at_once_into_one_charge(world, paying, patient, quote_id, path):
    await patient.press(f"{path}/respond", answer="accept", **ACCEPT)
    body = {"quoteId": str(quote_id)}
    converts = [
        world.client.post("/billing/quote/convert-to-charge", json=body, headers=paying.clinic.billing)
        for _ in range(4)
    ]
    pays = [patient.press(f"{path}/pay") for _ in range(4)]
    answers = await asyncio.gather(*converts, *pays)
    assert {answer.status_code for answer in answers[:4]} == {200}, answers[0].text
    assert len({leads_to(answer) for answer in answers[4:]}) == 1
    assert len(await world.rows(paying, CHARGES)) == 1
    await patient.open(await patient.pays_at(leads_to(answers[4])))
    await is_paid_once(world, paying, quote_id)


async def test_another_amount_ends_the_page_with_the_old_one(world, paying, patient, quote_id, path):
    """As when some of it was paid in cash meanwhile."""
    first = leads_to(await patient.press(f"{path}/pay", **ACCEPT))
    ((charge_id, *_),) = await world.rows(paying, CHARGES)
    await update_row(world.services, paying.organization_id, "charges", charge_id, outstanding_cents=10_000)
    second = leads_to(await patient.press(f"{path}/pay"))
    assert second != first
    assert (await patient.open(first)).status_code == 410
    assert [row[:3] for row in await world.rows(paying, PAYMENTS)] == [
        ("DONE", "CANCELED", TOTAL_CENTS),
        ("WAITING", "UNPAID", 10_000),
    ]
    await patient.open(await patient.pays_at(second))
    assert world.taken_cents(paying) == 10_000


@pytest.mark.parametrize("fault", ["lost_answer", "lost_before", "rate_limited", "slow"])
async def test_whatever_becomes_of_the_gateways_answer_it_is_paid_once(world, paying, patient, quote_id, path, fault):
    world.gateway.fail_next("checkout.sessions.create", fault, key=paying.key)
    answer = await patient.press(f"{path}/pay", **ACCEPT)
    while answer.status_code == 503:
        assert "You accepted this quote" in text_of(answer)
        assert "Nothing was charged" in text_of(answer)
        answer = await patient.press(f"{path}/pay")
    await patient.open(await patient.pays_at(leads_to(answer)))
    await is_paid_once(world, paying, quote_id)
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1


async def test_without_a_gateway_nothing_is_as_before_and_nothing_can_be_paid(world, paying, patient, quote_id, path):
    await update_row(world.services, paying.organization_id, "gateway_accounts", paying.account_id, is_active=False)
    shown = await patient.open(path)
    assert "Accept for $417.99" in text_of(shown)
    assert "pay" not in text_of(shown).lower()
    assert world.gateway.url not in shown.headers["content-security-policy"]
    assert leads_to(await patient.press(f"{path}/pay", **ACCEPT)) == path
    assert await world.rows(paying, QUOTE, quote_id) == [("VIEWED", None)]
    assert await world.rows(paying, CHARGES) == []


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"status": "DECLINED"}, 409, "You declined this quote"),
        ({"revision": 2}, 409, "has changed this quote"),
        ({"status": "EXPIRED"}, 303, ""),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 303, ""),
        ({"requires_verification": True}, 303, ""),
    ],
)
async def test_what_cannot_be_accepted_is_not_paid(world, paying, patient, quote_id, path, values, status, said):
    await update_row(world.services, paying.organization_id, "quotes", quote_id, **values)
    answer = await patient.press(f"{path}/pay", **ACCEPT)
    assert answer.status_code == status
    assert said in text_of(answer)
    assert await world.rows(paying, CHARGES) == []
    assert world.gateway.objects("checkout.session", paying.key) == []


@pytest.mark.parametrize("fields", [{}, {"revision": "one"}, {"revision": "1", "message": "x" * 2_001}])
async def test_what_no_form_of_ours_sends_does_nothing(world, paying, patient, quote_id, path, fields):
    assert (await patient.press(f"{path}/pay", **fields)).status_code == 400
    assert await world.rows(paying, CHARGES) == []


async def test_a_form_of_another_site_and_a_forged_link_do_nothing(world, paying, patient, quote_id, path, tmp_path):
    other_organization_id = (await world.clinic(tmp_path)).organization_id
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (await patient.client.post(f"{path}/pay", data=ACCEPT, headers=headers)).status_code == 403
    forged = f"{PATH}/{token_of(b'f' * 32, QuoteLink(paying.organization_id, quote_id))}"
    assert (await patient.press(f"{forged}/pay", **ACCEPT)).status_code == 404
    assert (await patient.open(f"{forged}/back")).status_code == 404
    other = f"{PATH}/{token_of(world.services.quote_link_key, QuoteLink(other_organization_id, quote_id))}"
    assert (await patient.press(f"{other}/pay", **ACCEPT)).status_code == 404
    assert await world.rows(paying, CHARGES) == []


async def test_a_patient_who_never_comes_back_and_a_webhook_that_never_comes(world, paying, patient, quote_id, path):
    world.silence(paying)
    await patient.pays_at(leads_to(await patient.press(f"{path}/pay", **ACCEPT)))
    ago = clock.now() - timedelta(minutes=5)
    ((attempt_id,),) = await world.rows(paying, "SELECT id FROM payment_attempts WHERE organization_id = %s")
    await update_row(world.services, paying.organization_id, "payment_attempts", attempt_id, created_at=ago)
    await wake_open(world.services)
    await is_paid_once(world, paying, quote_id)
