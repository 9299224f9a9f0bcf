"""The whole way in a real Chromium, on a desk and on a phone: the bill, the gateway, the receipt; axe finds nothing."""

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, expect

from tests.bills.paid import bill_path, owing
from tests.bills.test_bill_page import is_paid_once
from tests.browser import Browser, opened_browser
from tests.factories.charges import line
from tests.payment_page.test_in_a_browser import DESKTOP, PHONE, enter, is_whole
from tests.payment_page.world import GOOD_NUMBER

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


async def fits(browser: Browser, folder: Path, name: str) -> None:
    """Nothing is cut off, and axe minds nothing. CARELANE_PHOTOS names a folder for the pictures."""
    await is_whole(browser.page)
    await browser.photograph(folder, name)
    found = await asyncio.wait_for(_axe(browser), 60)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


async def _axe(browser: Browser):
    """Of the same page in a window that minds no policy: one that lets no script run at all lets axe wait for ever."""
    chromium, state = browser.context.browser, await browser.context.storage_state()
    assert chromium is not None
    async with await chromium.new_context(
        bypass_csp=True, storage_state=state, viewport=browser.page.viewport_size
    ) as context:
        page = await context.new_page()
        await page.goto(browser.page.url)
        await page.evaluate(AXE_SCRIPT)
        return await page.evaluate("axe.run(document)")


@pytest.fixture
def photos(tmp_path, request):
    folder = Path(os.environ.get("CARELANE_PHOTOS", tmp_path)) / request.node.callspec.id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def prove(page: Page) -> None:
    for label, text in (("Last name", "Vale"), ("Month", "3"), ("Day", "27"), ("Year", "1985")):
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("main").get_by_role("button").click()


@SIZES
async def test_a_bill_is_paid_and_its_receipt_read(world, paying, chromium, size, photos):
    await owing(world, paying, line("Follow-up visit", 4_500, bundle_id=UUID(paying.clinic.bundle_id)))
    charge_id = await owing(world, paying)
    url = world.server.url + bill_path(world, paying)
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(url)
        await fits(browser, photos, "1-who")
        await prove(page)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your bill")
        await fits(browser, photos, "2-bill")
        await page.get_by_role("button", name="Pay $159.00").click()
        await expect(page).to_have_url(re.compile(re.escape(world.gateway.url)))
        await enter(page, GOOD_NUMBER)
        await expect(page).to_have_url(url)
        await expect(page.get_by_role("status")).to_contain_text("Paid $159.00")
        await expect(page.get_by_role("main").get_by_role("button")).to_have_count(1)
        await fits(browser, photos, "3-paid")
        await page.get_by_role("link", name="Receipt for $159.00").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
        await expect(page.get_by_role("main")).to_contain_text("Tablets")
        await fits(browser, photos, "4-receipt")
        receipt = page.url
        await browser.context.clear_cookies()
        await page.goto(receipt)
        await expect(page.get_by_role("main")).not_to_contain_text("Tablets")
        await fits(browser, photos, "5-receipt-of-a-stranger")
        await page.get_by_role("link", name="Show what it was for").click()
        await fits(browser, photos, "6-who")
        await prove(page)
        await expect(page.get_by_role("main")).to_contain_text("Tablets")
        assert browser.hosts() == {urlsplit(world.server.url).netloc, urlsplit(world.gateway.url).netloc}
        assert browser.complaints == []
    await is_paid_once(world, paying, charge_id)
