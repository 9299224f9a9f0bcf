"""The pages in a real Chromium: a card is entered, declined, entered again, and the bank's question is answered."""

import asyncio
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import stripe
from aiohttp import web
from playwright.async_api import Page, expect

from tests.browser import DESKTOP, PHONE, opened_browser
from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, eventually
from tests.pharmacies.receiver import serving

LINE = {"price_data": {"currency": "usd", "unit_amount": 4_900, "product_data": {"name": "Tablets"}}, "quantity": 2}
GOOD, DECLINED, ASKS = "4242 4242 4242 4242", "4000000000000002", "4000002760003184"
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture
async def clinic_url() -> AsyncIterator[str]:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(text="Back at the clinic")

    async with serving(handle) as url:
        yield url


async def checkout(client: stripe.StripeClient, clinic_url: str, **params: object) -> stripe.checkout.Session:
    urls = {"success_url": f"{clinic_url}/paid?session={{CHECKOUT_SESSION_ID}}", "cancel_url": f"{clinic_url}/back"}
    return await asyncio.to_thread(client.v1.checkout.sessions.create, {**urls, **params})  # type: ignore[arg-type]


async def enter(page: Page, number: str, expiry: str = "12 / 34", cvc: str = "123") -> None:
    email = page.get_by_label("Email")
    if await email.count():
        await email.fill("rosa@example.com")
    for label, text in (("Card number", number), ("Expiration", expiry), ("Security code", cvc)):
        await page.get_by_label(label).fill(text)
    await page.get_by_role("button").click()


@SIZES
async def test_a_declined_card_can_be_replaced_and_the_payment_held(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, clinic_url, chromium, size, tmp_path
):
    data = {"capture_method": "manual", "metadata": {"carelane_attempt": "a7"}}
    session = await checkout(client, clinic_url, mode="payment", line_items=[LINE], payment_intent_data=data)
    assert (session.amount_total, session.status, session.payment_status) == (9_800, "open", "unpaid")
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(str(session.url))
        await expect(page.get_by_role("row", name="Total")).to_contain_text("$98.00")
        await browser.photograph(tmp_path, "checkout")
        await enter(page, "4242 4242 4242 4241", "13 / 34", "1")
        for said in ("card number is incorrect", "expiration date is incomplete", "security code is incomplete"):
            await expect(page.get_by_text(said)).to_be_visible()
        await browser.photograph(tmp_path, "wrong")
        await enter(page, DECLINED)
        await expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await browser.photograph(tmp_path, "declined")
        await enter(page, GOOD)
        await expect(page).to_have_url(f"{clinic_url}/paid?session={session.id}")
        assert browser.hosts() == {urlsplit(gateway_simulator.url).netloc, urlsplit(clinic_url).netloc}
        await page.goto(f"{gateway_simulator.url}/c/pay/{session.id}")
        await expect(page).to_have_url(f"{clinic_url}/paid?session={session.id}")
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "unpaid", None)
    intent = paid.payment_intent
    assert (intent.status, intent.amount_capturable, intent.metadata["carelane_attempt"]) == (
        "requires_capture",
        9_800,
        "a7",
    )
    tries = client.v1.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in tries] == ["succeeded", "failed"]


@SIZES
async def test_a_card_is_saved_after_its_bank_has_asked(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, clinic_url, chromium, size, tmp_path
):
    customer = client.v1.customers.create({"email": "rosa@example.com"})
    session = await checkout(client, clinic_url, mode="setup", customer=customer.id, currency="usd")
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(str(session.url))
        await browser.photograph(tmp_path, "setup")
        await enter(page, ASKS)
        await expect(page.get_by_role("heading")).to_have_text("Confirm it is you")
        await browser.photograph(tmp_path, "question")
        await page.get_by_role("button", name="Refuse").click()
        await expect(page.get_by_role("alert")).to_contain_text("unable to authenticate")
        await enter(page, ASKS)
        await page.get_by_role("button", name="Approve").click()
        await expect(page).to_have_url(f"{clinic_url}/paid?session={session.id}")
    saved = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (saved.status, saved.payment_status, saved.setup_intent.status) == (
        "complete",
        "no_payment_required",
        "succeeded",
    )
    (method,) = client.v1.customers.payment_methods.list(customer.id).data
    assert (method.id, method.card.last4) == (saved.setup_intent.payment_method, "3184")


@SIZES
async def test_the_patient_answers_the_bank_and_comes_back(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, clinic_url, chromium, size, tmp_path
):
    params = {"payment_method": "pm_card_authenticationRequired", "return_url": f"{clinic_url}/back?case=7"}
    refused, approved = pay(client, **params), pay(client, **params)
    assert (refused.status, refused.next_action.type) == ("requires_action", "redirect_to_url")
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        for intent, button in ((refused, "Refuse"), (approved, "Approve")):
            await page.goto(intent.next_action.redirect_to_url.url)
            await expect(page.get_by_text("$49.00")).to_be_visible()
            await browser.photograph(tmp_path, button)
            await page.get_by_role("button", name=button).click()
            await expect(page).to_have_url(re.compile(re.escape(f"{clinic_url}/back?case=7")))
            query = parse_qs(urlsplit(page.url).query)
            result = "succeeded" if button == "Approve" else "failed"
            assert (query["payment_intent"], query["redirect_status"]) == ([intent.id], [result])
        answer = await page.goto(approved.next_action.redirect_to_url.url)
        assert answer is not None
        assert answer.status == 410
    after = [client.v1.payment_intents.retrieve(intent.id) for intent in (refused, approved)]
    assert [intent.status for intent in after] == ["requires_payment_method", "succeeded"]
    assert after[0].last_payment_error.code == "payment_intent_authentication_failure"


async def test_a_session_expires_by_itself_and_when_told(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, clinic_url, chromium
):
    told, forgotten = [await checkout(client, clinic_url, mode="setup", currency="usd") for _ in range(2)]
    assert client.v1.checkout.sessions.expire(told.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(told.id)
    gateway_simulator.advance(86_400)
    async with opened_browser(chromium) as browser:
        for session in (told, forgotten):
            await browser.page.goto(f"{gateway_simulator.url}/c/pay/{session.id}")
            await expect(browser.page.get_by_role("heading")).to_have_text("This page has expired")
    expired = client.v1.checkout.sessions.retrieve(forgotten.id, {"expand": ["setup_intent"]})
    assert (expired.status, expired.setup_intent.status) == ("expired", "canceled")


async def test_the_first_page_lists_faults_and_cards(gateway_simulator: GatewayWorld, chromium, tmp_path):
    async with opened_browser(chromium, PHONE) as browser:
        await browser.page.goto(gateway_simulator.url)
        await expect(browser.page.get_by_role("row", name="lost_answer")).to_contain_text("66601")
        await browser.photograph(tmp_path, "index")
        assert browser.complaints == []


def test_the_intent_of_an_open_session_is_not_canceled_but_its_session_expired(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient
):
    params = {"mode": "payment", "line_items": [LINE], "success_url": "https://clinic.example/paid"}
    session = client.v1.checkout.sessions.create({**params, "customer_email": "rosa@example.com"})  # type: ignore[typeddict-item]
    card = {"number": DECLINED, "expiry": "12/34", "cvc": "123"}
    assert httpx.post(str(session.url), data=card).status_code == 402
    (intent,) = client.v1.payment_intents.list().data
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        client.v1.payment_intents.cancel(intent.id)
    client.v1.checkout.sessions.expire(session.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"
    assert httpx.post(str(session.url), data={**card, "number": GOOD}).status_code == 410


@pytest.mark.parametrize(("fault", "result"), [("processing", "succeeded"), ("processing_failed", "failed")])
def test_a_payment_that_is_processing_ends_later(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, fault: str, result: str
):
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [LINE],
            "success_url": "https://clinic.example/paid",
            "customer_email": "rosa@example.com",
            "payment_intent_data": {"metadata": {"simulate": fault}},
        }
    )
    httpx.post(str(session.url), data={"number": GOOD, "expiry": "12/34", "cvc": "123"})
    done = client.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    eventually(lambda: client.v1.events.list({"type": f"checkout.session.async_payment_{result}"}).data != [])
    expected = "paid" if result == "succeeded" else "unpaid"
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == expected


def test_two_who_pay_at_once_pay_once(gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str):
    params = {
        "mode": "payment",
        "line_items": [LINE],
        "success_url": "https://clinic.example/paid",
        "customer_email": "r@e.co",
    }
    session = client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]
    card = {"number": GOOD, "expiry": "12/34", "cvc": "123"}
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: httpx.post(str(session.url), data=card), range(4)))
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, "https://clinic.example/paid")}
    assert len(gateway_simulator.objects("charge", key)) == 1
