"""A charge that is paid at the desk while its patient is on the gateway's page, who pays too: one of the two goes back by itself."""

import asyncio
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from tests.factories.rows import update_row
from tests.payment_page.patient import leads_to
from tests.payment_page.world import GOOD_NUMBER
from tests.payments.desk_world import FrontDesk
from tests.payments.news import apply, kept, tell
from tests.payments.test_card_at_desk_races import slowly, succeeded
from tests.quote_page.cast import RIGHT
from tests.sending.world import until

__all__ = ["slowly"]

REFUND_FAILS = "4000000000005126"
ON_PAGE = "SELECT id FROM payments WHERE charge_id = %s AND policy = 'on_page'"
CARD = {"number": GOOD_NUMBER, "expiry": "12 / 34", "cvc": "123", "email": "robin@patient.example"}


class Page:
    """The patient, who was led to the gateway's page for the charge."""

    def __init__(self, desk, charge, checkout):
        self.till, self.charge, self.checkout = desk.till, charge, checkout

    async def pay(self, **other):
        """The card is charged there; the address that leads back to us."""
        return leads_to(await self.till.http.post(self.checkout, data=CARD | other))

    async def come_back(self, back):
        assert (await self.till.http.get(back)).status_code in {200, 302, 303}

    async def payment(self):
        [(payment_id,)] = await self.till.ask(ON_PAGE, UUID(self.charge))
        return await self.till.now(payment_id)

    async def is_told_of(self):
        for event in self.till.bank.objects("event", self.till.key):
            await tell(self.till, event)
        for event_id in await kept(self.till):
            await apply(self.till, event_id)


@pytest.fixture
async def desk(till):
    made = FrontDesk(till)
    await update_row(
        till.services, till.organization_id, "patients", UUID(made.patient), date_of_birth=date(1985, 3, 27)
    )
    return made


@pytest.fixture
async def owed(desk):
    return await desk.charge(), await desk.card()


@pytest.fixture
async def link(desk, owed):
    """The patient's, who has shown who they are."""
    links = await desk.good("GET", f"/billing/payment-link/{desk.patient}")
    path = urlsplit(links[0]["paymentLink"]).path
    assert (await desk.till.http.post(f"{path}/verify", data=RIGHT)).status_code == 303
    return path


@pytest.fixture
async def page(desk, owed, link):
    charge, _ = owed
    return Page(desk, charge, leads_to(await desk.till.http.post(f"{link}/pay", data={"charge": charge})))


@pytest.fixture
async def partly_paid(desk, owed, page):
    """The page, on which the patient pays all: of that 4,000 was handed over at the desk meanwhile."""
    row = (await desk.good("GET", "/billing/charge/table", params={"id": owed[0]}))["data"][0]
    await desk.good("POST", "/billing/payment/cash/create", row | {"totalOutstanding": 4_000})
    return page


async def at_desk(desk, charge, card, medium):
    """All that is owed, by card or in cash."""
    if medium == "card":
        return await desk.paid(card, await desk.config(charge))
    row = (await desk.good("GET", "/billing/charge/table", params={"id": charge}))["data"][0]
    return await desk.good("POST", "/billing/payment/cash/create", row)


async def went_back(desk, payment):
    """All of it, once; nobody is left with credit, and nothing is owed."""
    payment = await desk.till.run(payment)
    assert (payment.status, payment.stage, payment.refunded_cents) == ("REFUND", "DONE", 10_000)
    assert [one["amount"] for one in desk.till.refunds()] == [10_000]
    assert "credit" not in await desk.till.balances()


async def shown_as_not_owed(desk, payment_id, status, cents=10_000):
    """What the dialect and the staff say of it: how much goes back, and why."""
    table = await desk.good("GET", "/billing/payment/table")
    [shown] = [one for one in table["items"]["data"] if one["id"] == payment_id]
    assert [(one["amount"], one["status"], one["reason"]) for one in shown["refunds"]] == [(cents, status, "DUPLICATE")]
    seen = await desk.till.http.get(f"/api/staff/payments/{payment_id}", headers=desk.till.manager.headers)
    assert [one["reason"] for one in seen.json()["refunds"]] == ["not_owed"]


@pytest.mark.parametrize("medium", ["card", "cash"])
@pytest.mark.parametrize("is_swept", [False, True])
async def test_what_comes_after_the_desk_goes_back(desk, till, owed, page, medium, is_swept):
    """Whether or not a worker has called the patient's payment off before they pay."""
    charge, card = owed
    await at_desk(desk, charge, card, medium)
    promised = await page.payment()
    assert promised.wanted == "RETURN"
    if is_swept:
        assert (await till.run(promised)).status == "CANCELED"
    await page.come_back(await page.pay())
    await went_back(desk, await page.payment())
    assert (await desk.owed(charge))[1] == 0


@pytest.mark.parametrize("is_swept", [False, True])
async def test_what_was_called_off_is_kept_if_it_is_owed_again(desk, till, owed, page, is_swept):
    """The cash was a mistake, and taken back before the patient paid."""
    charge, card = owed
    cash = await at_desk(desk, charge, card, "cash")
    if is_swept:
        await till.run(await page.payment())
    assert (await desk.ask("DELETE", f"/billing/payment/{cash['id']}")).status_code == 200
    assert await desk.owed(charge) == ("OUTSTANDING", 10_000)
    await page.come_back(await page.pay())
    payment = await till.run(await page.payment())
    assert (payment.status, payment.stage, payment.refunded_cents) == ("PAID", "DONE", 0)
    assert await desk.owed(charge) == ("PAID", 0)
    assert "credit" not in await till.balances()


async def test_what_was_called_off_is_not_promised_again(desk, till, owed, link, page):
    """A worker is about to close its page at the gateway, whoever looks at the link once more."""
    charge, card = owed
    cash = await at_desk(desk, charge, card, "cash")
    assert (await desk.ask("DELETE", f"/billing/payment/{cash['id']}")).status_code == 200
    other = leads_to(await till.http.post(f"{link}/pay", data={"charge": charge}))
    assert other != page.checkout
    wanted = await till.ask(
        "SELECT wanted FROM payments WHERE charge_id = %s AND policy = 'on_page' ORDER BY created_at", UUID(charge)
    )
    assert wanted == [("RETURN",), (None,)]


@pytest.mark.parametrize("is_swept", [False, True])
async def test_what_was_called_off_pays_no_part(desk, till, owed, page, is_swept):
    """Less is owed than the page takes: all of that goes back, and the rest stays owed."""
    charge, card = owed
    cash = await at_desk(desk, charge, card, "cash")
    if is_swept:
        await till.run(await page.payment())
    assert (await desk.ask("DELETE", f"/billing/payment/{cash['id']}")).status_code == 200
    row = (await desk.good("GET", "/billing/charge/table", params={"id": charge}))["data"][0]
    less = await desk.ask("POST", "/billing/payment/cash/create", row | {"totalOutstanding": 4_000})
    assert less.status_code == 200, less.text
    assert await desk.owed(charge) == ("OUTSTANDING", 6_000)
    await page.come_back(await page.pay())
    await went_back(desk, await page.payment())
    assert await desk.owed(charge) == ("OUTSTANDING", 6_000)


@pytest.mark.parametrize("medium", ["card", "cash"])
async def test_what_the_page_took_and_nobody_told_of_goes_back(desk, owed, page, medium):
    """The patient paid first, never came back, and the webhook is late."""
    charge, card = owed
    await page.pay()
    await at_desk(desk, charge, card, medium)
    await page.is_told_of()
    await went_back(desk, await page.payment())
    assert (await desk.owed(charge))[1] == 0


async def test_after_the_page_the_desk_takes_nothing(desk, till, owed, page):
    charge, card = owed
    config = await desk.config(charge)
    await page.come_back(await page.pay())
    refused = await desk.pay(card, config)
    assert (refused.status_code, "is outstanding" in refused.json()["detail"]) == (409, True)
    assert (len(succeeded(till)), till.refunds()) == (1, [])
    assert (await till.run(await page.payment())).status == "PAID"


async def test_what_the_page_paid_while_the_card_was_charged_is_not_paid_twice(desk, till, owed, page, slowly):
    """The desk's card is charged, and the page's payment is written down before the gateway's answer is there."""
    charge, card = owed
    config = await desk.config(charge)
    back = await page.pay()
    tap = asyncio.create_task(desk.pay(card, config))

    async def both_took():
        return len(succeeded(till)) == 2

    await until(both_took)
    await page.come_back(back)
    answer = (await tap).json()
    assert (answer["status"], answer["amount"]) == ("CANCELED", 10_000)
    assert await desk.paid(card, config, "CANCELED") == answer
    await shown_as_not_owed(desk, answer["payinId"], "PROCESSING")
    assert (await page.payment()).status == "PAID"
    await went_back(desk, await desk.payment(answer))
    await shown_as_not_owed(desk, answer["payinId"], "SUCCEEDED")
    assert await desk.paid(card, config, "CANCELED") == answer
    assert await desk.owed(charge) == ("PAID", 0)


async def test_of_both_at_once_one_goes_back(desk, till, owed, page):
    charge, card = owed
    config, back = await desk.config(charge), await page.pay()
    paid, _ = await asyncio.gather(desk.pay(card, config), page.come_back(back))
    assert paid.status_code in {200, 409}
    both = [await page.payment()] + ([await desk.payment(paid.json())] if paid.status_code == 200 else [])
    ends = [await till.run(one) for one in both]
    assert sorted(one.status for one in ends) == (["PAID", "REFUND"] if len(ends) == 2 else ["PAID"])
    assert await desk.owed(charge) == ("PAID", 0)
    assert "credit" not in await till.balances()


async def test_what_one_of_several_charges_did_not_need_goes_back(desk, till, owed, page, slowly):
    """One of its two charges was paid on the page meanwhile: that part of what the card gave goes back by itself, once."""
    charge, card = owed
    other = await desk.charge()
    tap = asyncio.create_task(desk.pay(card, await desk.config(charge, other, paymentAmount=15_000)))

    async def is_taken():
        return bool(succeeded(till))

    await until(is_taken)
    await page.come_back(await page.pay())
    answer = (await tap).json()
    assert (answer["status"], answer["amount"]) == ("SUCCEEDED", 15_000)
    await shown_as_not_owed(desk, answer["payinId"], "PROCESSING")
    payment = await till.run(await desk.payment(answer))
    assert (payment.status, payment.stage, payment.refunded_cents) == ("PAID", "DONE", 10_000)
    await shown_as_not_owed(desk, answer["payinId"], "SUCCEEDED")
    assert [await desk.owed(one) for one in (charge, other)] == [("PAID", 0), ("OUTSTANDING", 5_000)]
    assert [one["amount"] for one in till.refunds()] == [10_000]
    assert "credit" not in await till.balances()
    await page.is_told_of()
    await till.run(payment)
    assert len(till.refunds()) == 1
    await till.require_agreement()


async def test_a_part_that_was_paid_in_cash_goes_back(desk, till, owed, partly_paid):
    await partly_paid.come_back(await partly_paid.pay())
    payment = await till.run(await partly_paid.payment())
    assert (payment.status, payment.stage, payment.refunded_cents) == ("PAID", "DONE", 4_000)
    assert (await desk.owed(owed[0]), "credit" in await till.balances()) == (("PAID", 0), False)
    await till.require_agreement()


async def test_what_somebody_gave_back_before_does_not_go_back_again(desk, till, owed, partly_paid):
    """In the gateway's dashboard, before the worker came to it."""
    await partly_paid.come_back(await partly_paid.pay())
    till.stripe.v1.refunds.create({"payment_intent": till.intents()[-1]["id"], "amount": 4_000})
    payment = await till.run(await partly_paid.payment())
    assert (payment.status, payment.stage, payment.refunded_cents) == ("PAID", "DONE", 4_000)
    assert ([one["amount"] for one in till.refunds()], await desk.owed(owed[0])) == ([4_000], ("PAID", 0))
    await till.require_agreement()


@pytest.mark.parametrize(("outcome", "stage"), [("won", "NEEDS_STAFF"), ("lost", "DONE")])
async def test_what_the_bank_takes_first_does_not_go_back_too(till, partly_paid, outcome, stage):
    """A dispute comes before the worker: a person gives it back once the money is there again."""
    await partly_paid.come_back(await partly_paid.pay())
    payment, gateway = await partly_paid.payment(), await till.gateway()
    dispute = till.bank.dispute(till.intents()[-1]["id"])
    payment = await till.run(await till.hear(payment, await gateway.fetch_dispute(dispute["id"])))
    assert (payment.status, payment.stage, till.refunds()) == ("IN_DISPUTE", "DONE", [])
    till.bank.close_dispute(dispute["id"], outcome)
    payment = await till.run(await till.hear(payment, await gateway.fetch_dispute(dispute["id"])))
    assert (payment.stage, till.refunds()) == (stage, [])
    await till.require_agreement()


async def test_what_the_gateway_does_not_take_back_needs_a_person(till, partly_paid):
    """Until they have given it back."""
    await partly_paid.come_back(await partly_paid.pay(number=REFUND_FAILS))
    payment = await till.run(await partly_paid.payment())
    [refund] = till.refunds()
    till.bank.settle(refund["id"])
    payment = await till.hear(payment, await (await till.gateway()).fetch_refund(refund["id"]))
    assert (payment.status, payment.stage, payment.failure) == ("PAID", "NEEDS_STAFF", "REFUND_FAILED")
    again = await till.http.post(f"/api/staff/payments/{payment.id}/retry", headers=till.manager.headers)
    assert (again.status_code, "grant and send a refund" in again.text) == (409, True)
    await till.refund(payment, 4_000)
    payment = await till.run(payment)
    assert (payment.stage, payment.failure, payment.refunded_cents) == ("DONE", None, 4_000)
    await till.require_agreement()
