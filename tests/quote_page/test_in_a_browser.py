"""The page in a real Chromium: what a patient sees and does, on a desk and on a phone, and that nothing is fetched elsewhere."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser import DESKTOP, PHONE, chromium_path, opened_browser
from tests.factories.quotes import LineMade, make_quote
from tests.quote_page.cast import rows_of

LINES = (
    LineMade(quantity="2", discount_percentage="10", description="Two months, one tablet a day"),
    LineMade(unit_price_cents=9_999, is_bundle=True),
)
WORDS = {
    "title": "Spring plan",
    "description": "As we talked about on Tuesday.\nCall us if anything is unclear.",
    "terms": "Payment is due when you accept. Opened packages cannot be returned.",
}
STATUS = "SELECT status FROM quotes WHERE organization_id = %s AND id = %s"


@pytest.fixture
async def quote_id(services, own):
    return await make_quote(
        services, own, lines=LINES, words=WORDS, discount_amount_cents=2_500, expires_at="2199-03-05T21:30:00Z"
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_patient_shows_who_they_are_reads_and_accepts(
    services, own, reader, server, chromium, quote_id, size, tmp_path
):
    url = server.url + reader.path_of(own, quote_id)
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(url)
        await expect(page.get_by_role("heading", name="Confirm who you are")).to_be_visible()
        await browser.photograph(tmp_path, "verify")
        await page.get_by_label("Last name").fill("Valley")
        for label, text in (("Month", "3"), ("Day", "27"), ("Year", "1985")):
            await page.get_by_label(label, exact=True).fill(text)
        await page.get_by_role("button", name="Show the quote").click()
        await expect(page.get_by_role("alert")).to_contain_text("You have 4 more tries")
        await browser.photograph(tmp_path, "wrong")
        await page.get_by_label("Last name").fill("vale")
        for label, text in (("Month", "03"), ("Day", "27"), ("Year", "1985")):
            await page.get_by_label(label, exact=True).fill(text)
        await page.get_by_role("button", name="Show the quote").click()
        await expect(page).to_have_url(url)
        await expect(page.get_by_role("row", name="Tablets")).to_contain_text("$286.20")
        await expect(page.get_by_role("row", name="Total (USD)")).to_contain_text("$361.19")
        await browser.photograph(tmp_path, "quote")
        await page.get_by_label("Message to the clinic").fill("See you on Monday")
        await page.get_by_role("button", name="Accept for $361.19").click()
        await expect(page.get_by_role("status")).to_contain_text("You accepted this quote")
        await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
        await browser.photograph(tmp_path, "accepted")
        await page.reload()
        await expect(page.get_by_role("status")).to_contain_text("You accepted this quote")
        assert browser.hosts() == {urlsplit(server.url).netloc}
        # The wrong try was answered 422, and that is all that the browser minded.
        assert [line for line in browser.complaints if "status of 422" not in line] == []
    assert await rows_of(services, own, STATUS, quote_id) == [("ACCEPTED",)]


async def test_the_whole_way_goes_by_keyboard(services, own, reader, server, chromium, quote_id):
    async with opened_browser(chromium) as browser:
        page = browser.page
        await page.goto(server.url + reader.path_of(own, quote_id))
        for text in ("Vale", "3", "27", "1985"):
            await page.keyboard.press("Tab")
            await page.keyboard.type(text)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Spring plan")).to_be_visible()
        for _ in range(3):
            await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Decline")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("You declined this quote")
    assert await rows_of(services, own, STATUS, quote_id) == [("DECLINED",)]


async def test_on_a_narrow_phone_nothing_is_cut_off(services, own, reader, server, chromium):
    lines = (LineMade(quantity="1000", unit_price_cents=9_999_999, description="x" * 80),)
    words = {"title": "T" * 60, "terms": "A" * 200}
    quote_id = await make_quote(services, own, lines=lines, words=words, requires_verification=False)
    async with opened_browser(chromium, {"width": 320, "height": 600}) as browser:
        await browser.page.goto(server.url + reader.path_of(own, quote_id))
        main = await browser.page.get_by_role("main").bounding_box()
        table = await browser.page.get_by_role("table").bounding_box()
        assert main is not None
        assert table is not None
        assert main["x"] >= 0
        assert main["x"] + main["width"] <= 320
        assert table["x"] + table["width"] <= main["x"] + main["width"]


@pytest.mark.parametrize(("ci", "outcome"), [("1", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_browser_tests_are_skipped_but_never_where_ci_is_set(monkeypatch, ci, outcome):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome):
        chromium_path()
