"""The whole way in a real Chromium, on a desk and on a phone: our pages and the gateway's, and nothing is fetched elsewhere."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, ViewportSize, expect

from carelane.quotes.page.access import PATH, QuoteLink, token_of
from tests.browser import opened_browser
from tests.factories.quotes import LineMade, make_quote
from tests.payment_page import test_confirming, test_paying_quotes
from tests.payment_page.world import ASKS_NUMBER, DECLINED_NUMBER, GOOD_NUMBER

DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
LINES = (
    LineMade(quantity="2", description="Two months, one tablet a day"),
    LineMade(unit_price_cents=9_999, is_bundle=True),
)
WORDS = {
    "title": "Spring plan",
    "description": "As we talked about on Tuesday.",
    "terms": "Payment is due when you accept.",
}


async def enter(page: Page, number: str) -> None:
    email = page.get_by_label("Email")
    if await email.count():
        await email.fill("robin@patient.example")
    for label, text in (("Card number", number), ("Expiration", "12 / 34"), ("Security code", "123")):
        await page.get_by_label(label).fill(text)
    await page.get_by_role("main").get_by_role("button").first.click()


async def is_whole(page: Page) -> None:
    """Nothing is cut off: the content is as wide as the window at most."""
    main = await page.get_by_role("main").bounding_box()
    size = page.viewport_size
    assert main is not None
    assert size is not None
    assert main["x"] >= 0
    assert main["x"] + main["width"] <= size["width"]


def stayed(world, browser) -> None:
    assert browser.hosts() == {urlsplit(world.server.url).netloc, urlsplit(world.gateway.url).netloc}
    # Chromium minds that a card was declined, and that the bank's page is gone once it was answered; nothing else.
    assert [line for line in browser.complaints if not re.search(r"status of (402|410)", line)] == []


@SIZES
async def test_a_quote_is_accepted_and_paid(world, paying, chromium, size, tmp_path):
    quote_id = await make_quote(world.services, paying.clinic, lines=LINES, words=WORDS, requires_verification=False)
    path = f"{PATH}/{token_of(world.services.quote_link_key, QuoteLink(paying.organization_id, quote_id))}"
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(world.server.url + path)
        await is_whole(page)
        await browser.photograph(tmp_path, "quote")
        await page.get_by_role("button", name="Accept and pay $417.99").click()
        await expect(page).to_have_url(re.compile(re.escape(world.gateway.url)))
        await browser.photograph(tmp_path, "checkout")
        await page.go_back()
        await page.reload()
        await expect(page.get_by_role("status")).to_contain_text("It is not paid yet")
        await is_whole(page)
        await browser.photograph(tmp_path, "accepted")
        await page.get_by_role("button", name="Pay $417.99").click()
        await enter(page, DECLINED_NUMBER)
        await expect(page.get_by_role("alert")).to_contain_text("declined")
        await browser.photograph(tmp_path, "declined")
        await enter(page, GOOD_NUMBER)
        await expect(page).to_have_url(world.server.url + path)
        await expect(page.get_by_role("status")).to_contain_text("Paid $417.99")
        await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
        await is_whole(page)
        await browser.photograph(tmp_path, "paid")
        await page.reload()
        await expect(page.get_by_role("status")).to_contain_text("Paid $417.99")
        stayed(world, browser)
    await test_paying_quotes.is_paid_once(world, paying, quote_id)


@SIZES
async def test_a_payment_is_confirmed_at_the_bank(world, paying, chromium, size, tmp_path):
    payment_id = await world.needing(paying)
    url = world.server.url + world.path(paying, payment_id)
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(url)
        await is_whole(page)
        await browser.photograph(tmp_path, "confirm")
        await page.get_by_role("button", name="Confirm $159.00").click()
        await expect(page.get_by_role("heading")).to_have_text("Confirm it is you")
        await browser.photograph(tmp_path, "bank")
        await page.get_by_role("button", name="Refuse").click()
        await expect(page).to_have_url(url)
        await expect(page.get_by_role("heading")).to_have_text("Confirm your payment")
        await page.get_by_role("button", name="Confirm $159.00").click()
        await page.get_by_role("button", name="Approve").click()
        await expect(page).to_have_url(url)
        await expect(page.get_by_role("status")).to_contain_text("Thank you")
        await is_whole(page)
        await browser.photograph(tmp_path, "paid")
        await page.go_back()
        await page.goto(url)
        await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
        stayed(world, browser)
    await test_confirming.is_paid_once(world, paying, payment_id)


@SIZES
async def test_another_card_is_entered(world, paying, chromium, size, tmp_path):
    payment_id = await world.needing(paying, "NEEDS_CARD")
    url = world.server.url + world.path(paying, payment_id)
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(url)
        await is_whole(page)
        await browser.photograph(tmp_path, "card")
        await page.get_by_role("button", name="Enter another card").click()
        await browser.photograph(tmp_path, "checkout")
        await enter(page, DECLINED_NUMBER)
        await expect(page.get_by_role("alert")).to_contain_text("declined")
        await enter(page, ASKS_NUMBER)
        await page.get_by_role("button", name="Approve").click()
        # The bank asks again when the card is charged: the page looks for news by itself until then.
        await expect(page.get_by_role("button", name="Confirm $159.00")).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="Use another card").click()
        await enter(page, GOOD_NUMBER)
        await expect(page.get_by_role("status")).to_contain_text("Thank you", timeout=20_000)
        await browser.photograph(tmp_path, "paid")
        stayed(world, browser)
    await test_confirming.is_paid_once(world, paying, payment_id)


async def test_the_whole_way_goes_by_keyboard(world, paying, chromium):
    payment_id = await world.needing(paying)
    async with opened_browser(chromium, PHONE) as browser:
        page = browser.page
        await page.goto(world.server.url + world.path(paying, payment_id))
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Confirm $159.00")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading")).to_have_text("Confirm it is you")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Thank you")
    await test_confirming.is_paid_once(world, paying, payment_id)
